"""Everything that can be configured, read from the environment; ``.env.example`` lists it.

A value that does not parse stops the start with the name of the variable.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from lumika.kept_secrets import kept_encryption_key, kept_secret_key
from lumika.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    try:
        value: int = env.int(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {env.str(name)!r}.") from None
    if not lowest <= value <= highest:
        raise ImproperlyConfigured(f"{name} must lie between {lowest} and {highest}, not {value}.")
    return value


def switch(name: str, *, default: bool) -> bool:
    text = env.str(name, default="").strip().lower()
    if text in {"", "1", "0", "true", "false", "yes", "no", "on", "off"}:
        return text in {"1", "true", "yes", "on"} if text else default
    raise ImproperlyConfigured(f"{name} must be on or off, not {text!r}.")


DEBUG = switch("DEBUG", default=False)
PORT = whole_number("PORT", 8000, 1, 65535)
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/") or f"http://localhost:{PORT}"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
LUMIKA_DATA_DIR = Path(env.str("LUMIKA_DATA_DIR", default="") or BASE_DIR / "data").resolve()
LUMIKA_TRUSTED_PROXIES = whole_number("LUMIKA_TRUSTED_PROXIES", 0, 0, 10)
LUMIKA_OPEN_SIGNUP = switch("LUMIKA_OPEN_SIGNUP", default=True)

# Secrets. Unset ones are made once and kept in the data directory; `serve` refuses that in production.
DATABASE_URL = env.str("DATABASE_URL", default="")
SECRETS_ARE_KEPT = not (env.str("SECRET_KEY", default="") and env.str("LUMIKA_ENCRYPTION_KEYS", default=""))
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret_key(LUMIKA_DATA_DIR)
LUMIKA_ENCRYPTION_KEYS = env.list("LUMIKA_ENCRYPTION_KEYS", default=[]) or [kept_encryption_key(LUMIKA_DATA_DIR)]

# Limits of the conversation API.
LUMIKA_POOL_SIZE = whole_number("LUMIKA_POOL_SIZE", 10, 1, 500)
LUMIKA_LEASE_SECONDS = whole_number("LUMIKA_LEASE_SECONDS", 10, 2, 600)
LUMIKA_HOLD_SECONDS = whole_number("LUMIKA_HOLD_SECONDS", 25, 1, 300)

# How long a one-key decision about a draft can be undone before the customer sees it; 0 carries it out at once.
LUMIKA_UNDO_SECONDS = whole_number("LUMIKA_UNDO_SECONDS", 5, 0, 60)

# Replies that are written at the same time; more wait their turn. And how long they may go on once a process is to end.
LUMIKA_REPLIES_PER_PROCESS = whole_number("LUMIKA_REPLIES_PER_PROCESS", 2000, 1, 100_000)
LUMIKA_REPLIES_PER_WORKSPACE = whole_number("LUMIKA_REPLIES_PER_WORKSPACE", 1000, 1, 100_000)
LUMIKA_GRACE_SECONDS = whole_number("LUMIKA_GRACE_SECONDS", 20, 0, 600)

# Pages that a process makes at the same time, each with a database connection of its own; more wait, or get a 503.
LUMIKA_PAGES_AT_ONCE = whole_number("LUMIKA_PAGES_AT_ONCE", 32, 1, 1000)
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # of a body on its way: what is larger waits on disk

# Where responders may connect to: the internet by https and http://localhost, or private networks too.
LUMIKA_ALLOW_PRIVATE_ADDRESSES = switch("LUMIKA_ALLOW_PRIVATE_ADDRESSES", default=False)

# Only the import of articles takes files, with a handler of its own that holds them in memory and bounds them.
FILE_UPLOAD_HANDLERS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_htmx",
    "heroicons",
    "lumika",
    "workspaces",
    "integrations",
    "conversations",
]

MIDDLEWARE = [
    "lumika.client_address.client_address",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "lumika.urls"
ASGI_APPLICATION = "lumika.asgi.application"
AUTH_USER_MODEL = "workspaces.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

if DATABASE_URL:
    try:
        DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.") from None
    if DATABASES["default"].get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://…")
else:
    DATABASES = {"default": {"ENGINE": "lumika.embedded_postgres", "NAME": "lumika"}}

# How the dashboard's pages hear what changed: within one process by memory, from other processes through Redis.
LUMIKA_WORKERS = whole_number("LUMIKA_WORKERS", 1, 1, 1000)
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379/0.")
if REDIS_URL:
    CHANNEL_LAYERS = {"default": {"BACKEND": "lumika.channel_layer.SharedLayer", "CONFIG": {"url": REDIS_URL}}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# Shared by all processes, so that what counts against somebody counts everywhere.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "lumika_cache"}}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "lumika" / "static"]

SERVESTATIC_USE_FINDERS = True

# People: django-allauth with templates of our own.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspaces:landing"
ACCOUNT_ADAPTER = "lumika.adapters.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "lumika.account_forms.SignInForm",
    "signup": "lumika.account_forms.SignUpForm",
    "add_email": "lumika.account_forms.AddEmailForm",
    "change_password": "lumika.account_forms.ChangePasswordForm",
    "set_password": "lumika.account_forms.SetPasswordForm",
    "reset_password": "lumika.account_forms.ResetPasswordForm",
    "reset_password_from_key": "lumika.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "lumika.account_forms.ConfirmPasswordForm",
}
MFA_ADAPTER = "lumika.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "lumika.account_forms.CodeForm",
    "reauthenticate": "lumika.account_forms.ConfirmCodeForm",
    "activate_totp": "lumika.account_forms.ActivateAppForm",
    "add_webauthn": "lumika.account_forms.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lumika"
MFA_TOTP_TOLERANCE = 1  # clocks differ
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_URL.startswith("https://")

# Mail lies in the data directory until EMAIL_URL names a server.
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    _MAIL = env.email_url_config(EMAIL_URL)
    if _MAIL["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        _MAIL["EMAIL_BACKEND"] = "lumika.mail.EmailBackend"
    vars().update(_MAIL)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = LUMIKA_DATA_DIR / "outbox"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Lumika <lumika@localhost>")

# Nothing inline, nothing foreign.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(debug=DEBUG)

# Served over https: cookies, redirects and HSTS follow the public address.
_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_SSL_REDIRECT = _HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if _HTTPS else []
CSRF_FAILURE_VIEW = "lumika.pages.csrf_failure"
# HSTS for the host's subdomains and the preload list bind more than this server: their owner decides, at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
