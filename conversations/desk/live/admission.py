"""Who may listen to a workspace: asked when a socket opens, and again for as long as it is open."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from workspaces.models import Membership


class NotAdmitted(Exception):
    """``code`` closes the socket; nobody is told anything else."""

    code: int


class NotSignedIn(NotAdmitted):
    code = 4401


class NoMember(NotAdmitted):
    """Also where there is no such workspace: an outsider must not learn the difference."""

    code = 4404


def admit(*, session_key: str | None, slug: str) -> Membership:
    """The membership of the person whose session it is now: signing out and a new password end sessions.

    Raises NotAdmitted.
    """
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        raise NotSignedIn
    members = Membership.objects.select_related("workspace", "user")
    member = members.filter(workspace__slug=slug, user_id=user.pk).first()
    if member is None:
        raise NoMember
    return member
