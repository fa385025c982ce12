"""Logs without secrets: what looks like a token, stands in a query string, or is the key of a link, is masked."""

import logging
import re
from typing import Any

_TOKEN = re.compile(r"lmk_(api|web)_[0-9A-Za-z]+")
_QUERY = re.compile(r"\?[^\s\"']+")
_LINK = re.compile(r"/(invitations|confirm-email|reset/key)/[^/\s]+")


class MaskingFormatter(logging.Formatter):
    """Masks integration tokens, query strings and the keys of mailed links in the whole entry, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return _LINK.sub(r"/\1/…", _QUERY.sub("?…", _TOKEN.sub(r"lmk_\1_…", text)))


def logging_config(*, debug: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": MaskingFormatter, "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "lumika": {"level": "DEBUG" if debug else "INFO"},
            "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }
