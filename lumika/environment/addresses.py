"""Variables that hold addresses: of this site, of hosts, of the database, of Redis, and of the mail server."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from . import listed, text

MAIL_SERVERS = {"smtp", "smtps", "smtp+tls", "smtp+ssl"}
MAIL_ELSEWHERE = {"consolemail", "dummymail", "memorymail", "filemail"}
CONNECT_SECONDS = 10
NOT_FOR_POSTGRESQL = {"pool", "isolation_level", "server_side_binding", "assume_role"}  # options of Django's own
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def site(name: str, default: str) -> str:
    """The origin as browsers write it: lower case, punycode, without the usual port."""
    given = text(name)
    if not given:
        return default
    takes = f"{name} must be the address that people use, such as https://lumika.example.com"
    parts = _split(given, takes)
    port = _port(parts, takes)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{takes}: http:// or https://, a host, and a port if need be.")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or given[-1] in "?#":
        raise ImproperlyConfigured(f"{takes}: without a user, a path, a query or a fragment.")
    host = _host(parts.hostname)
    if host is None:
        raise ImproperlyConfigured(f"{takes}: its host is no name and no address.")
    usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def hosts(name: str, default: list[str]) -> list[str]:
    """`example.com`, `.example.com` with all below it, `[::1]`, or `*` for any."""
    return [_host_pattern(name, entry.lower()) for entry in listed(name)] or default


def database(name: str) -> dict[str, Any]:
    """Django's configuration of the database behind this URL."""
    takes = f"{name} must look like postgresql://user:password@host:5432/name, special characters percent-encoded"
    parts = _split(text(name), takes)
    if parts.scheme not in {"postgresql", "postgres", "psql", "pgsql"}:
        raise ImproperlyConfigured(f"{takes}; only PostgreSQL will do.")
    servers = parts.netloc.rpartition("@")[2].split(",")  # PostgreSQL takes the first that answers
    if parts.fragment or not all(map(_is_server, servers)):
        raise ImproperlyConfigured(f"{takes}.")
    try:
        found: dict[str, Any] = environ.Env.db_url_config(text(name))
        options = found.setdefault("OPTIONS", {})
        make_conninfo(**{key: value for key, value in options.items() if key not in NOT_FOR_POSTGRESQL})
    except ValueError:
        raise ImproperlyConfigured(f"{takes}.") from None
    except ProgrammingError:
        raise ImproperlyConfigured(f"{takes}; behind a ? stand only connection parameters of PostgreSQL.") from None
    if not found["NAME"] and "service" not in options:
        raise ImproperlyConfigured(f"{takes}; the name of the database is missing.")
    options.setdefault("connect_timeout", CONNECT_SECONDS)
    return found


def redis(name: str) -> str:
    url = text(name)
    if not url:
        return ""
    takes = f"{name} must look like redis://host:6379/0 (or rediss://…, unix:///…), special characters percent-encoded"
    parts = _split(url, takes)
    _port(parts, takes)
    is_socket = parts.scheme == "unix"
    if parts.scheme not in {"redis", "rediss", "unix"} or parts.fragment:
        raise ImproperlyConfigured(f"{takes}.")
    if not (parts.path.strip("/") if is_socket else parts.hostname and re.fullmatch(r"/?|/[0-9]+", parts.path)):
        raise ImproperlyConfigured(f"{takes}.")
    from redis.connection import ConnectionPool

    try:
        ConnectionPool.from_url(url).make_connection()  # it does not connect yet
    except (ValueError, TypeError):
        raise ImproperlyConfigured(f"{takes}; behind a ? stand only options of redis-py.") from None
    return url


def mail_server(name: str) -> dict[str, Any]:
    """Django's settings for this URL; none when it is not set."""
    url = text(name)
    if not url:
        return {}
    takes = f"{name} must look like smtp+tls://user:password@host:587, special characters percent-encoded"
    parts = _split(url, takes)
    _port(parts, takes)
    if parts.scheme not in MAIL_SERVERS | MAIL_ELSEWHERE:
        schemes = ", ".join(sorted(MAIL_SERVERS | MAIL_ELSEWHERE))
        raise ImproperlyConfigured(f"{takes}. It begins with one of {schemes}, and ://.")
    if parts.scheme == "filemail" and len(parts.path) > 1:
        return {"EMAIL_BACKEND": "lumika.outbox.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme in MAIL_ELSEWHERE - {"filemail"}:
        return {"EMAIL_BACKEND": environ.Env.EMAIL_SCHEMES[parts.scheme]}
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{takes}: a host, and nothing behind the port.")
    found: dict[str, Any] = environ.Env.email_url_config(url)
    return found | {"EMAIL_BACKEND": "lumika.mail.EmailBackend"}


def _split(url: str, takes: str) -> SplitResult:
    if re.search(r"\s", url):
        raise ImproperlyConfigured(f"{takes}; it has white space in it.")
    if "://" not in url:
        raise ImproperlyConfigured(f"{takes}; it has no :// in it.")
    try:
        return urlsplit(url)
    except ValueError:
        raise ImproperlyConfigured(f"{takes}.") from None


def _port(parts: SplitResult, takes: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise ImproperlyConfigured(f"{takes}; its port is none.")
    return port


def _is_server(text: str) -> bool:
    """``host``, ``host:port``, or nothing, which means this machine."""
    found = re.fullmatch(r"(?:\[[^\[\]]+\]|[^:\[\]]*)(?::([0-9]{1,5}))?", text)
    return found is not None and (found[1] is None or 1 <= int(found[1]) <= 65535)


def _host_pattern(name: str, entry: str) -> str:
    host = _host(entry.removeprefix("."))
    if entry == "*" or (host is not None and host == entry.removeprefix(".")):
        return entry
    if host is not None and not entry.startswith("."):
        return host  # as browsers send it: punycode, an IPv6 address in brackets
    raise ImproperlyConfigured(
        f"{name} must hold host names without scheme, port and path, separated by commas, such as lumika.example.com "
        f"or .example.com for all below it; {entry[:100]!r} is none."
    )


def _host(text: str) -> str | None:
    """As browsers write it, or None when it is no name and no address."""
    address = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in address:
        try:
            return None if "%" in address else f"[{IPv6Address(address)}]"
        except AddressValueError:
            return None
    try:
        host = text.lower().encode("idna").decode()
    except UnicodeError:
        return None
    if not _NAME.fullmatch(host):
        return None
    if host.rpartition(".")[2].isdigit():
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            return None
    return host
