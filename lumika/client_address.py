"""Whose request it is when a reverse proxy stands in front: limits and the audit log need the real address."""

import ipaddress
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def client_address(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Puts the address that the outermost trusted proxy saw into REMOTE_ADDR; whatever stands before it is hearsay."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> Any:
            _believe_proxies(request)
            return await get_response(request)

        return answer_async

    def answer(request: HttpRequest) -> Any:
        _believe_proxies(request)
        return get_response(request)

    return answer


def _believe_proxies(request: HttpRequest) -> None:
    proxies: int = settings.LUMIKA_TRUSTED_PROXIES
    addresses = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < proxies <= len(addresses):
        return
    try:
        request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(addresses[-proxies].strip()))
    except ValueError:
        return
