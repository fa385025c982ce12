import secrets
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prints a fresh SECRET_KEY and LUMIKA_ENCRYPTION_KEYS, ready for the environment."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"SECRET_KEY={secrets.token_urlsafe(50)}")
        self.stdout.write(f"LUMIKA_ENCRYPTION_KEYS={Fernet.generate_key().decode()}")
