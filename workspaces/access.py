"""The gate to a workspace's pages: may this person enter, and with which role.

Anonymous people are sent to sign in, outsiders get 404 (they must not learn that the workspace exists), a role that is
too weak gets 403. A gated view gets the membership in place of the slug, and starts every query at its workspace.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from workspaces.models import Membership, Role, User
from workspaces.verbs import Actor

View = TypeVar("View", Callable[..., HttpResponseBase], Callable[..., Coroutine[Any, Any, HttpResponseBase]])


class SignedInRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User


class MemberRequest(SignedInRequest):
    """A request that came through the gate."""

    member: Membership
    by: Actor
    """The member, as verbs take them."""


def for_members(view: View) -> View:
    """Everybody in the workspace."""
    return _gate(view, lambda role: True)


def for_admins(view: View) -> View:
    """Owners and admins."""
    return _gate(view, lambda role: role.may_administer)


def for_owners(view: View) -> View:
    """Owners only."""
    return _gate(view, lambda role: role == Role.OWNER)


def _gate(view: View, allows: Callable[[Role], bool]) -> View:
    gated: View = _async_gate(view, allows) if iscoroutinefunction(view) else _sync_gate(view, allows)
    return gated


def _sync_gate(view: Any, allows: Callable[[Role], bool]) -> Any:
    @login_required
    @wraps(view)
    def gated(request: Any, slug: str, *args: Any, **kwargs: Any) -> Any:
        request.member = member = _member(request, slug, allows)
        return view(request, member, *args, **kwargs)

    return gated


def _async_gate(view: Any, allows: Callable[[Role], bool]) -> Any:
    @login_required
    @wraps(view)
    async def gated(request: Any, slug: str, *args: Any, **kwargs: Any) -> Any:
        request.member = member = await sync_to_async(_member)(request, slug, allows)
        return await view(request, member, *args, **kwargs)

    return gated


def _member(request: Any, slug: str, allows: Callable[[Role], bool]) -> Membership:
    """Raises Http404 for an outsider, PermissionDenied for a role that is too weak."""
    members = Membership.objects.select_related("workspace", "user")
    member = members.filter(workspace__slug=slug, user=request.user).first()
    if member is None:
        raise Http404
    if not allows(Role(member.role)):
        raise PermissionDenied
    request.by = Actor.of(request)
    return member
