"""What each variable takes, and the one line about what it does not take."""

import base64
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.lumika.settings_of import settings_of

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
LONG = "T4kK-3vS9_mQp2LxZ8wR7yB1nC6dF0gH5jK4aE9sU2iO7pN3tV"
SECRET = "hunter-of-otters"

WHOLE_NUMBERS = [
    "PORT",
    "LUMIKA_TRUSTED_PROXIES",
    "LUMIKA_POOL_SIZE",
    "LUMIKA_LEASE_SECONDS",
    "LUMIKA_HOLD_SECONDS",
    "LUMIKA_UNDO_SECONDS",
    "LUMIKA_REPLIES_PER_PROCESS",
    "LUMIKA_REPLIES_PER_WORKSPACE",
    "LUMIKA_GRACE_SECONDS",
    "LUMIKA_WORKERS",
]
SWITCHES = ["DEBUG", "LUMIKA_OPEN_SIGNUP", "LUMIKA_ALLOW_PRIVATE_ADDRESSES", "LUMIKA_EMBEDDED_FSYNC"]

REFUSED = {
    "PUBLIC_URL": [
        "example.com",
        "//example.com",
        "https:/example.com",
        "https://",
        "https://:8000",
        "ftp://example.com",
        "https://example.com/lumika",
        "https://example.com?a=b",
        "https://example.com?",
        "https://example.com#top",
        f"https://user:{SECRET}@example.com",
        "https://example.com:port",
        "https://example.com:70000",
        "https://example.com:0",
        "https://example.com:",
        "https://exa mple.com",
        "https://under_score.example.com",
        "https://-x.example.com",
        "https://256.1.1.1",
        "https://[::1",
        "https://[xyz]",
        "https://example..com",
    ],
    "ALLOWED_HOSTS": [
        "https://example.com",
        "example.com:8000",
        "example.com/path",
        "good.example,exa mple.com",
        "*.example.com",
        ".",
        "..",
        ",",
        "user@example.com",
        "[::1",
        "1.2.3.400",
    ],
    "DATABASE_URL": [
        "localhost",
        "mysql://a:b@localhost/lumika",
        "sqlite:///db.sqlite3",
        "postgis://localhost/lumika",
        "postgresql://localhost",
        "postgresql://localhost/",
        "postgresql://localhost:port/lumika",
        "postgresql://localhost:99999/lumika",
        "postgresql://localhost:0/lumika",
        f"postgresql://a:{SECRET}/x@localhost/lumika",
        f"postgresql://a:{SECRET}#x@localhost/lumika",
        f"postgresql://a:{SECRET}@localhost/lumika?no_such_thing=1",
        f"postgresql://a:{SECRET}@local host/lumika",
        "postgresql://[::1/lumika",
        "postgresql:/lumika",
    ],
    "REDIS_URL": [
        "localhost:6379",
        "http://localhost:6379",
        "redis://",
        "redis:///0",
        "redis://localhost:port/0",
        "redis://localhost:99999/0",
        "redis://localhost:6379/zero",
        f"redis://:{SECRET}/x@localhost:6379/0",
        "redis://localhost:6379/0?no_such_thing=1",
        "redis://localhost:6379/0?socket_timeout=soon",
        "unix://",
    ],
    "EMAIL_URL": [
        "mail.example.com",
        "mail.example.com:587",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:port",
        "smtp://mail.example.com:99999",
        f"smtp://user:{SECRET}/x@mail.example.com",
        f"smtp+tls://user:{SECRET}@mail.example.com:587/path",
        f"smtp+tls://user:{SECRET}@mail.example.com:587?tls=on",
        "filemail://",
    ],
    "DEFAULT_FROM_EMAIL": ["lumika", "Lumika <lumika>", "a@b.example, c@d.example", "Acme, Inc. <a@b.example>", "<>"],
    "SECRET_KEY": [SECRET, LONG[:-1], "x" * 60],
    "LUMIKA_ENCRYPTION_KEYS": [SECRET, f"{KEY},{SECRET}", KEY[:-1], ",", f"{KEY}{KEY}"],
    "LUMIKA_DATA_DIR": ["/dev/null", "/dev/null/data", "/proc/lumika", "/", "/tmp", str(Path(__file__).parents[2])],
} | {name: ["on", "1.5", "-1", "1e3", "9" * 30, "ten", "1_0", "0x10"] for name in WHOLE_NUMBERS} | {
    name: ["maybe", "2", "onn", "-"] for name in SWITCHES
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_a_value_that_is_not_fit_for_use_is_refused_in_one_line_that_names_the_variable(monkeypatch, name, value):
    assert settings_of(monkeypatch)["SECRET_KEY"]

    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(monkeypatch, **{name: value})

    line = str(refused.value)
    assert line.startswith(f"{name} must "), line
    assert "\n" not in line and len(line) < 300
    assert SECRET not in line and KEY not in line


TAKEN = [
    ("PUBLIC_URL", "https://Lumika.Example.com/", "PUBLIC_URL", "https://lumika.example.com"),
    ("PUBLIC_URL", "HTTPS://example.com:443", "PUBLIC_URL", "https://example.com"),
    ("PUBLIC_URL", "http://example.com:8080", "PUBLIC_URL", "http://example.com:8080"),
    ("PUBLIC_URL", "https://bücher.example", "PUBLIC_URL", "https://xn--bcher-kva.example"),
    ("PUBLIC_URL", "http://[::1]:8000", "PUBLIC_URL", "http://[::1]:8000"),
    ("PUBLIC_URL", "http://10.0.0.7", "PUBLIC_URL", "http://10.0.0.7"),
    ("PUBLIC_URL", "", "PUBLIC_URL", "http://localhost:8000"),
    ("ALLOWED_HOSTS", " a.example , .B.example,,::1", "ALLOWED_HOSTS", ["a.example", ".b.example", "[::1]"]),
    ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS", ["*"]),
    ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
    ("PORT", " 9000 ", "PORT", 9000),
    ("PORT", "", "PORT", 8000),
    ("DEBUG", "Off", "DEBUG", False),
    ("LUMIKA_OPEN_SIGNUP", "no", "LUMIKA_OPEN_SIGNUP", False),
    ("REDIS_URL", "rediss://:p%2Fw@redis.example:6380/1", "REDIS_URL", "rediss://:p%2Fw@redis.example:6380/1"),
    ("REDIS_URL", "unix:///run/redis.sock", "REDIS_URL", "unix:///run/redis.sock"),
    ("EMAIL_URL", "smtp+tls://me:pw@mail.example:587", "EMAIL_USE_TLS", True),
    ("EMAIL_URL", "smtp+ssl://me:p%2Fw@mail.example", "EMAIL_HOST_PASSWORD", "p/w"),
    ("EMAIL_URL", "consolemail://", "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
    ("EMAIL_URL", "", "EMAIL_BACKEND", "lumika.outbox.EmailBackend"),
    ("DEFAULT_FROM_EMAIL", '"Acme, Inc." <a@b.example>', "DEFAULT_FROM_EMAIL", '"Acme, Inc." <a@b.example>'),
    ("DEFAULT_FROM_EMAIL", "a@intranet", "DEFAULT_FROM_EMAIL", "a@intranet"),
    ("SECRET_KEY", LONG, "SECRET_KEY", LONG),
    ("SECRET_KEY", f"${LONG}", "SECRET_KEY", f"${LONG}"),
    ("LUMIKA_ENCRYPTION_KEYS", f"{KEY}, {KEY}", "LUMIKA_ENCRYPTION_KEYS", [KEY, KEY]),
]


@pytest.mark.parametrize(("name", "value", "setting", "expected"), TAKEN)
def test_a_value_that_is_fit_for_use_is_taken(monkeypatch, name, value, setting, expected):
    assert settings_of(monkeypatch, **{name: value})[setting] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:p%2Fw@db.example:5433/lumika", ("db.example", 5433, "lumika", "p/w")),
        ("postgres:///lumika?host=/run/postgresql", ("", "", "lumika", "")),
        ("postgresql://a:b@one.example:1,two.example:2/lumika", ("one.example,two.example", "1,2", "lumika", "b")),
        ("postgresql://me@[::1]/lumika?sslmode=require", ("::1", "", "lumika", "")),
    ],
)
def test_the_forms_of_a_database_url(monkeypatch, url, expected):
    found = settings_of(monkeypatch, DATABASE_URL=url)["DATABASES"]["default"]

    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == expected
    assert found["OPTIONS"]["connect_timeout"] == 10


def test_a_variable_may_stand_for_another(monkeypatch):
    monkeypatch.setenv("POSTGRES_ADDRESS", "postgresql://db.example/lumika")

    assert settings_of(monkeypatch, DATABASE_URL="$POSTGRES_ADDRESS")["DATABASES"]["default"]["HOST"] == "db.example"


def test_a_damaged_kept_secret_is_named_and_not_replaced(monkeypatch, tmp_path):
    (tmp_path / "encryption_key").write_text("")

    with pytest.raises(ImproperlyConfigured, match=r"encryption_key \(LUMIKA_DATA_DIR\) is damaged"):
        settings_of(monkeypatch, LUMIKA_DATA_DIR=str(tmp_path))

    assert (tmp_path / "encryption_key").read_text() == ""
