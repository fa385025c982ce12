"""Everything that can be configured, read from the environment; ``.env.example`` lists it.

A value that is not fit for use stops the start with one line that names the variable (lumika/environment).
"""

from pathlib import Path

from csp.constants import NONE, SELF

from lumika import data_directory, environment
from lumika.environment import addresses, secrets, switch, whole_number
from lumika.kept_secrets import kept_encryption_key, kept_secret_key
from lumika.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

environment.load(BASE_DIR / ".env")

DEBUG = switch("DEBUG", default=False)
PORT = whole_number("PORT", 8000, 1, 65535)
PUBLIC_URL = addresses.site("PUBLIC_URL", f"http://localhost:{PORT}")
ALLOWED_HOSTS = addresses.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
LUMIKA_DATA_DIR = data_directory.chosen(environment.text("LUMIKA_DATA_DIR"), BASE_DIR)
LUMIKA_TRUSTED_PROXIES = whole_number("LUMIKA_TRUSTED_PROXIES", 0, 0, 10)
LUMIKA_OPEN_SIGNUP = switch("LUMIKA_OPEN_SIGNUP", default=True)

# Secrets. Unset ones are made once and kept in the data directory; `serve` refuses that in production.
DATABASE_URL = environment.text("DATABASE_URL")
SECRET_KEY = secrets.signing_key("SECRET_KEY")
LUMIKA_ENCRYPTION_KEYS = secrets.encryption_keys("LUMIKA_ENCRYPTION_KEYS")
SECRETS_ARE_KEPT = not (SECRET_KEY and LUMIKA_ENCRYPTION_KEYS)
if SECRETS_ARE_KEPT or not DATABASE_URL:
    data_directory.make(LUMIKA_DATA_DIR)
SECRET_KEY = SECRET_KEY or kept_secret_key(LUMIKA_DATA_DIR)
LUMIKA_ENCRYPTION_KEYS = LUMIKA_ENCRYPTION_KEYS or [kept_encryption_key(LUMIKA_DATA_DIR)]

# Limits of the conversation API.
LUMIKA_POOL_SIZE = whole_number("LUMIKA_POOL_SIZE", 10, 1, 500)
LUMIKA_SEARCH_MILLISECONDS = whole_number("LUMIKA_SEARCH_MILLISECONDS", 300, 10, 60_000)
LUMIKA_LEASE_SECONDS = whole_number("LUMIKA_LEASE_SECONDS", 10, 2, 600)
LUMIKA_HOLD_SECONDS = whole_number("LUMIKA_HOLD_SECONDS", 25, 1, 300)

# How long a one-key decision about a draft can be undone before the customer sees it; 0 carries it out at once.
LUMIKA_UNDO_SECONDS = whole_number("LUMIKA_UNDO_SECONDS", 5, 0, 60)

# Replies that are written at the same time; more wait their turn. And how long they may go on once a process is to end.
LUMIKA_REPLIES_PER_PROCESS = whole_number("LUMIKA_REPLIES_PER_PROCESS", 2000, 1, 100_000)
LUMIKA_REPLIES_PER_WORKSPACE = whole_number("LUMIKA_REPLIES_PER_WORKSPACE", 1000, 1, 100_000)
LUMIKA_GRACE_SECONDS = whole_number("LUMIKA_GRACE_SECONDS", 20, 0, 600)

# Pages that a process makes at the same time, each with a database connection of its own; more wait, or get a 503.
LUMIKA_PAGES_AT_ONCE = whole_number("LUMIKA_PAGES_AT_ONCE", 30, 1, 1000)
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # of a body on its way: what is larger waits on disk

# Where responders may connect to: the internet by https and http://localhost, or private networks too.
LUMIKA_ALLOW_PRIVATE_ADDRESSES = switch("LUMIKA_ALLOW_PRIVATE_ADDRESSES", default=False)

# Only the import of articles takes files, with a handler of its own that holds them in memory and bounds them.
FILE_UPLOAD_HANDLERS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000

INSTALLED_APPS = [
    "daphne",
    "lumika.apps.LumikaAdminConfig",
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
    "lumika.unavailable.WhenTheDatabaseFails",
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

# The embedded server reads this one itself.
LUMIKA_EMBEDDED_FSYNC = switch("LUMIKA_EMBEDDED_FSYNC", default=True)
if DATABASE_URL:
    DATABASES = {"default": addresses.database("DATABASE_URL")}
else:
    DATABASES = {"default": {"ENGINE": "lumika.embedded_postgres", "NAME": "lumika"}}

# How the dashboard's pages hear what changed: within one process by memory, from other processes through Redis.
LUMIKA_WORKERS = whole_number("LUMIKA_WORKERS", 1, 1, 1000)
REDIS_URL = addresses.redis("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {"default": {"BACKEND": "lumika.channel_layer.SharedLayer", "CONFIG": {"url": REDIS_URL}}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# Shared by all processes, so that what counts against somebody counts everywhere. A full cache drops counters that
# still hold somebody back, so whoever fills it would be let in again: it holds more than can be filled in time.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "lumika_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "lumika" / "static"]

SERVESTATIC_USE_FINDERS = True

# People: django-allauth with templates of our own.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspaces:landing"
ACCOUNT_ADAPTER = "workspaces.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Nobody is let in before their main address is confirmed, by a code in the session that asked for it; account_pages.py
# has the links for those who are elsewhere.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_RATE_LIMITS = {"confirm_email": "5/m/key"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "workspaces.sign_in.reset_tokens.ResetTokens"  # noqa: S105 - a class
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "workspaces.sign_in.forms.SignInForm",
    "signup": "workspaces.sign_in.forms.SignUpForm",
    "add_email": "workspaces.sign_in.forms.AddEmailForm",
    "change_password": "workspaces.sign_in.forms.ChangePasswordForm",
    "set_password": "workspaces.sign_in.forms.SetPasswordForm",
    "reset_password": "workspaces.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "workspaces.sign_in.forms.ResetPasswordKeyForm",
    "reauthenticate": "workspaces.sign_in.forms.ConfirmPasswordForm",
    "confirm_email_verification_code": "workspaces.sign_in.forms.ConfirmAddressForm",
}
MFA_ADAPTER = "workspaces.sign_in.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "workspaces.sign_in.forms.CodeForm",
    "reauthenticate": "workspaces.sign_in.forms.ConfirmCodeForm",
    "activate_totp": "workspaces.sign_in.forms.ActivateAppForm",
    "add_webauthn": "workspaces.sign_in.forms.AddPasskeyForm",
    "generate_recovery_codes": "workspaces.sign_in.forms.RecoveryCodesForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lumika"
MFA_TOTP_TOLERANCE = 1  # clocks differ
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_URL.startswith("https://")

# Mail lies in the data directory until EMAIL_URL names a server.
EMAIL_BACKEND = "lumika.outbox.EmailBackend"
EMAIL_FILE_PATH = LUMIKA_DATA_DIR / "outbox"
_mail_server = addresses.mail_server("EMAIL_URL")
vars().update(_mail_server)
MAIL_IS_KEPT = not _mail_server
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = secrets.sender("DEFAULT_FROM_EMAIL", "Lumika <lumika@localhost>")

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
