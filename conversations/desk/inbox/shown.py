"""What the inbox's list shows at a place: the rows of a view, or what a search finds."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conversations.desk.inbox import lists, search
from conversations.desk.inbox.excerpts import Piece, excerpt
from conversations.desk.inbox.lists import Row, View
from conversations.desk.inbox.place import Place
from workspaces.keyset import Page
from workspaces.models import Membership


@dataclass(frozen=True)
class Listing:
    rows: list[tuple[Row, list[Piece]]]
    """Each with what a search found in it."""
    same_key: list[Row]
    """What a search found by the conversationId."""
    page: Page[UUID]
    is_complete: bool = True


def context(member: Membership, place: Place) -> dict[str, Any]:
    """All that ``conversations/inbox/_list.html`` and ``_views.html`` show."""
    listing = _found(member, place) if place.question else _listed(member, place)
    counts = lists.counted(member)
    return {
        "place": place,
        "listing": listing,
        "older": place.older(listing.page.older) if listing.page.older else "",
        "newer": _newer(place, listing.page),
        "views": [(view, counts[view], view == place.view and not place.question) for view in View],
    }


def version(html: str) -> str:
    """Differs when the list looks different."""
    return hashlib.sha256(html.encode()).hexdigest()[:16]


def _listed(member: Membership, place: Place) -> Listing:
    page = lists.page(place.view, member, after=place.after, before=place.before)
    shown = list(dict.fromkeys(page.rows))
    rows = lists.rows(member, shown, opened=place.opened)
    return Listing([(rows[one], []) for one in shown], [], page)


def _found(member: Membership, place: Place) -> Listing:
    """What is found by its key stands on the first page, above what is found by its words."""
    same_key = [] if place.after else search.by_key(member.workspace, place.question)
    found = search.by_words(member.workspace, place.question, after=place.after)
    by_words = [one for one in found.page.rows if one not in same_key]
    rows = lists.rows(member, [*same_key, *by_words], opened=place.opened)
    words = place.question.words
    return Listing(
        rows=[(rows[one], excerpt(found.bodies[one], words)) for one in by_words],
        same_key=[rows[one] for one in same_key],
        page=found.page,
        is_complete=found.is_complete,
    )


def _newer(place: Place, page: Page[UUID]) -> str:
    """A search is read from its start only."""
    if page.newer is None:
        return ""
    return place.newest if place.question else place.newer(page.newer)
