"""System checks: wrong settings are told at the start, in words that say what to do."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register(deploy=True)
def secrets_are_set(**_: Any) -> list[Error]:
    if settings.DATABASE_URL and not settings.DEBUG and settings.SECRETS_ARE_KEPT:
        return [
            Error(
                "SECRET_KEY and LUMIKA_ENCRYPTION_KEYS must be set in production.",
                hint="Make them once and keep them: `python manage.py secrets` prints a fresh pair.",
                id="lumika.E001",
            )
        ]
    return []
