"""System checks: wrong settings are told at the start, in words that say what to do."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.http.request import validate_host
from publicsuffixlist import PublicSuffixList

from lumika import environment

left_open: list[Path] = []  # what in the data directory could not be closed to others when this process began


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


@register(deploy=True)
def hosts_are_ours(**_: Any) -> list[CheckMessage]:
    too_wide = [pattern for pattern in settings.ALLOWED_HOSTS if _matches_foreign_hosts(pattern)]
    if too_wide:
        return [
            Error(
                f"ALLOWED_HOSTS must not hold {', '.join(too_wide)}: it lets requests name hosts of strangers.",
                hint="Name the hosts that this server has, such as ALLOWED_HOSTS=lumika.example.com.",
                id="lumika.E002",
            )
        ]
    return []


@register(deploy=True)
def the_public_host_is_allowed(**_: Any) -> list[CheckMessage]:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    name = f"[{host}]" if ":" in host else host
    if validate_host(name, settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            f"ALLOWED_HOSTS does not hold {name}, the host of PUBLIC_URL: every request to it is refused.",
            hint=f"Set ALLOWED_HOSTS={name}.",
            id="lumika.E003",
        )
    ]


@register(deploy=True)
def addresses_of_people_are_seen(**_: Any) -> list[CheckMessage]:
    if settings.PUBLIC_URL.startswith("https://") and not settings.LUMIKA_TRUSTED_PROXIES:
        return [
            checks.Warning(
                "PUBLIC_URL is https, so a proxy stands in front, but LUMIKA_TRUSTED_PROXIES is 0: all people seem to "
                "have the proxy's address, and ten wrong passwords a minute lock everybody out.",
                hint="Let the proxy set X-Forwarded-For, and set LUMIKA_TRUSTED_PROXIES to the number of proxies, "
                "usually 1 (see docs/deployment.md).",
                id="lumika.W002",
            )
        ]
    return []


@register
def names_mean_something(**_: Any) -> list[CheckMessage]:
    return [
        checks.Warning(
            f"{name} is no setting.", hint=f"Did you mean {nearest}? .env.example has all.", id="lumika.W003"
        )
        for name, nearest in environment.unknown()
    ]


@register
def the_data_directory_is_closed(**_: Any) -> list[CheckMessage]:
    if left_open:
        return [
            checks.Warning(
                f"Other accounts of this machine may read {len(left_open)} files or directories under "
                f"{settings.LUMIKA_DATA_DIR}, such as {left_open[0]}.",
                hint="They belong to another account, so Lumika cannot close them. Let them belong to the one that "
                "runs Lumika (chown), or close them (chmod 600; directories 700).",
                id="lumika.W004",
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


def _matches_foreign_hosts(pattern: str) -> bool:
    """`*`, and a dot before what anybody can register names under (`.com`, `.co.uk`, `.github.io`)."""
    if not pattern.startswith("."):
        return pattern == "*"
    name = pattern.strip(".")
    return not name or PublicSuffixList(accept_unknown=False).publicsuffix(name) == name
