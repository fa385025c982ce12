"""System checks: wrong settings are told at the start, in words that say what to do."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register


@register(deploy=True)
def secrets_are_set(**_: Any) -> list[CheckMessage]:
    if settings.DATABASE_URL and not settings.DEBUG and settings.SECRETS_ARE_KEPT:
        return [
            Error(
                "SECRET_KEY and LUMIKA_ENCRYPTION_KEYS must be set in production.",
                hint="Make them once and keep them: `python manage.py secrets` prints a fresh pair.",
                id="lumika.E001",
            )
        ]
    return []


@register
def workers_hear_of_each_other(**_: Any) -> list[CheckMessage]:
    if settings.LUMIKA_WORKERS > 1 and not settings.REDIS_URL:
        return [
            checks.Warning(
                f"{settings.LUMIKA_WORKERS} workers cannot tell each other's open pages what changed, "
                "because REDIS_URL is not set: pages may show it up to a minute late.",
                hint="Set REDIS_URL to a Redis that all workers can reach (see docs/deployment.md), or serve with one.",
                id="lumika.W001",
            )
        ]
    return []
