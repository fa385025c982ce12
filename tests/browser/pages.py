"""Every page that a browser can open, and how it gets signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import site_map
from workspaces.models import User

# Django's own pages for staff, and what is no page.
NOT_WALKED = ("admin/", "conversation/")


@dataclass(frozen=True)
class Page:
    name: str
    path: str


def sign_in(context: Any, user: User, base_url: str) -> None:
    """Makes the browser this person's, who has just given the password: no page asks for it again."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": timezone.now().timestamp()}]
    session.save()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": base_url}])


def pages(context: Any, objects: Mapping[str, Any]) -> list[Page]:
    """The routes that answer this browser with a page of HTML, without leading elsewhere."""
    walked = [route for route in site_map.routes() if route.name and not route.pattern.startswith(NOT_WALKED)]
    found = [
        Page(name=route.name.replace(":", "-"), path=route.url(objects))
        for route in walked
        if _has_objects(route, objects)
    ]
    return [page for page in found if _is_page(context, page.path)]


def objects_of_accounts(context: Any, user: User) -> dict[str, Any]:
    """Objects for django-allauth's routes. The link that resets a password puts its key into the session."""
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
    uid, key = user_pk_to_url_str(user), default_token_generator.make_token(user)
    context.request.get(reverse("account_reset_password_from_key", args=[uid, key]))
    return {
        "account_confirm_email/key": EmailConfirmationHMAC.create(address).key,
        "account_reset_password_from_key/uidb36": uid,
        "account_reset_password_from_key/key": "set-password",
    }


def _has_objects(route: site_map.Route, objects: Mapping[str, Any]) -> bool:
    """A key of django-allauth means another thing than one of ours, so only ``route name/parameter`` counts."""
    if not route.pattern.startswith("accounts/"):
        return True
    return all(f"{route.name}/{parameter}" in objects for parameter in route.parameters)


def _is_page(context: Any, path: str) -> bool:
    answer = context.request.get(path, max_redirects=0)
    assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, f"{path} answers {answer.status}"
    is_html = answer.status == HTTPStatus.OK and answer.headers.get("content-type", "").startswith("text/html")
    return is_html and answer.text().lstrip().lower().startswith("<!doctype html>")  # and no fragment of one
