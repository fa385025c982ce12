"""What becomes of a page when the database cannot be had, or took too long: 503, and to be tried again."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.views import defaults

RETRY_SECONDS = 5


class WhenTheDatabaseFails(MiddlewareMixin):
    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable() if isinstance(error, OperationalError) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """For what goes wrong outside of views too, such as asking who is signed in."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable()
    return defaults.server_error(request)


def unavailable() -> HttpResponse:
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
