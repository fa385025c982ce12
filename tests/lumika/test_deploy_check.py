"""`manage.py check --deploy` under the settings of production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from lumika import checks

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {
    "PUBLIC_URL": "https://lumika.example.com",
    "LUMIKA_TRUSTED_PROXIES": "1",
    "ALLOWED_HOSTS": "lumika.example.com",
    "SECRET_KEY": "T4kK-3vS9_mQp2LxZ8wR7yB1nC6dF0gH5jK4aE9sU2iO7pN3tV",
    "LUMIKA_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://lumika:password@localhost:5432/lumika",
    "DEBUG": "off",
}


def check(**changes):
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = os.environ | PRODUCTION | changes
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_production_settings_have_no_findings():
    result = check()

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_production_without_secrets_is_refused():
    result = check(SECRET_KEY="")

    assert result.returncode != 0
    assert "lumika.E001" in result.stderr


def test_an_address_without_https_is_found():
    result = check(PUBLIC_URL="http://lumika.example.com")

    assert "security.W012" in result.stderr


@pytest.fixture
def production(settings):
    settings.PUBLIC_URL = PRODUCTION["PUBLIC_URL"]
    settings.ALLOWED_HOSTS = [PRODUCTION["ALLOWED_HOSTS"]]
    settings.LUMIKA_TRUSTED_PROXIES = 1
    return settings


def ids(found):
    return [message.id for message in found]


@pytest.mark.parametrize("pattern", ["*", ".com", ".co.uk", ".github.io"])
def test_hosts_of_strangers_are_refused(production, pattern):
    assert checks.hosts_are_ours() == []

    production.ALLOWED_HOSTS = ["lumika.example.com", pattern]

    assert ids(checks.hosts_are_ours()) == ["lumika.E002"]


@pytest.mark.parametrize("pattern", [".example.com", ".lumika.internal", "localhost", "[::1]"])
def test_hosts_of_ones_own_are_fine(production, pattern):
    production.ALLOWED_HOSTS = [pattern]

    assert checks.hosts_are_ours() == []


@pytest.mark.parametrize(
    ("url", "hosts"),
    [("https://lumika.example.com", ["other.example.com"]), ("https://[::2]:8443", ["[::1]", "localhost"])],
)
def test_a_public_host_that_requests_may_not_name_is_found(production, url, hosts):
    assert checks.the_public_host_is_allowed() == []

    production.PUBLIC_URL, production.ALLOWED_HOSTS = url, hosts

    assert ids(checks.the_public_host_is_allowed()) == ["lumika.E003"]


def test_a_public_host_with_a_port_is_found_among_the_allowed(production):
    production.PUBLIC_URL, production.ALLOWED_HOSTS = "https://[::1]:8443", ["[::1]"]

    assert checks.the_public_host_is_allowed() == []


def test_https_without_a_trusted_proxy_is_found(production):
    assert checks.addresses_of_people_are_seen() == []

    production.LUMIKA_TRUSTED_PROXIES = 0

    assert ids(checks.addresses_of_people_are_seen()) == ["lumika.W002"]


def test_plain_http_needs_no_proxy(production):
    production.PUBLIC_URL, production.LUMIKA_TRUSTED_PROXIES = "http://localhost:8000", 0

    assert checks.addresses_of_people_are_seen() == []
