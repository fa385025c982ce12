"""Whether what `serve` builds on answers: the database, without which nothing works, and Redis, without which pages
show a little later what happened elsewhere. Each in one line, without passwords."""

import re

import psycopg
from django.db import connections
from django.db.utils import Error
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from lumika.embedded_postgres import EmbeddedPostgresError

REDIS_SECONDS = 2.0


def why_no_database() -> str:
    """Empty when it answers."""
    try:
        connections["default"].ensure_connection()
    except (Error, EmbeddedPostgresError) as error:
        return database_fault(error)
    return ""


def database_fault(error: Exception) -> str:
    return f"The database does not answer: {_one_line(error)}"


def is_unreachable(error: Exception) -> bool:
    """Whether this came up while connecting, and not in the middle of work."""
    if isinstance(error, EmbeddedPostgresError):
        return True
    return isinstance(error.__cause__, psycopg.OperationalError) and connections["default"].connection is None


def why_no_redis(url: str) -> str:
    """Empty when it answers."""
    try:
        with Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0)
        ) as client:
            client.ping()
    except (RedisError, OSError) as error:
        return _one_line(error)
    return ""


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()
