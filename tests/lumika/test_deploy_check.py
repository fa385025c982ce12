"""`manage.py check --deploy` under the settings of production."""

import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

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
