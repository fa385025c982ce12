"""The tokens of an account: masked, revealed, rotated, revoked; and retiring the account."""

from datetime import timedelta

import httpx2
import pytest
from django.utils import timezone

from tests.factories import AccountFactory
from tests.integrations.pages.addresses import assert_for_admins, url
from workspaces.models import AuditEntry


def test_tokens_are_listed_masked(world, client, admin, shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        response = client.get(url("tokens", world.workspace, shop.pk))

    assert f"lmk_api_…{shop.token[-4:]}" in response.text
    assert shop.token not in response.text
    assert "no end set" in response.text


def test_a_token_is_shown_on_request_only_and_noted(world, client, admin, shop):
    token = shop.tokens.get()

    response = client.post(url("reveal-token", world.workspace, shop.pk, token.pk))

    assert shop.token in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert shop.token not in client.get(url("tokens", world.workspace, shop.pk)).text
    assert client.get(url("reveal-token", world.workspace, shop.pk, token.pk)).status_code == 405
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target_id) == (admin, "token.reveal", token.pk)
    assert shop.token not in str(entry.detail) + entry.target_label


@pytest.mark.parametrize(("overlap", "length"), [("none", 0), ("1h", 3600), ("24h", 24 * 3600), ("7d", 7 * 24 * 3600)])
def test_rotating_ends_the_older_token_after_the_overlap(world, client, admin, shop, overlap, length):
    older = shop.tokens.get()

    response = client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": overlap})

    assert response.url == url("tokens", world.workspace, shop.pk)
    older.refresh_from_db()
    remaining = (older.expires_at - timezone.now()).total_seconds()
    assert length - 30 < remaining <= length
    assert older.has_ended == (overlap == "none")
    newer = shop.tokens.exclude(pk=older.pk).get()
    page = client.get(response.url)
    assert newer.reveal() in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert shop.token not in page.text
    assert newer.reveal() not in client.get(response.url).text
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("token.rotate", {"overlap": overlap})


def test_an_unknown_overlap_changes_nothing(world, client, admin, shop):
    response = client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "for ever"})

    assert response.context["rotate_form"].errors
    assert shop.tokens.get().expires_at is None


def test_rotating_again_never_prolongs_an_older_token(world, client, admin, shop):
    older = shop.tokens.get()
    client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "1h"})

    client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "7d"})

    older.refresh_from_db()
    assert older.expires_at < timezone.now() + timedelta(hours=1)
    assert shop.tokens.count() == 3


def test_the_list_counts_down_to_a_tokens_end(world, client, admin, shop):
    client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "24h"})

    response = client.get(url("tokens", world.workspace, shop.pk))

    assert "data-countdown" in response.text
    assert "in 23\xa0hours, 59\xa0minutes" in response.text


def test_a_revoked_token_is_over_now_and_cannot_be_revealed(world, client, admin, shop):
    token = shop.tokens.get()

    response = client.post(url("revoke-token", world.workspace, shop.pk, token.pk))
    again = client.post(url("revoke-token", world.workspace, shop.pk, token.pk))

    assert response.status_code == again.status_code == 302
    token.refresh_from_db()
    assert token.has_ended
    assert client.post(url("reveal-token", world.workspace, shop.pk, token.pk)).status_code == 404
    assert AuditEntry.objects.get().action == "token.revoke"


def test_a_token_of_another_account_is_not_found(world, client, admin, shop):
    other = AccountFactory(workspace=world.workspace).tokens.get()

    for verb in ("reveal-token", "revoke-token"):
        assert client.post(url(verb, world.workspace, shop.pk, other.pk)).status_code == 404
    other.refresh_from_db()
    assert not other.has_ended


def test_an_account_is_retired_only_with_its_name_typed(world, client, admin, shop):
    retire = url("retire-account", world.workspace, shop.pk)

    mistyped = client.post(retire, {"name": "shop"})

    assert "Type exactly: Shop" in mistyped.text
    shop.refresh_from_db()
    assert not shop.is_retired

    response = client.post(retire, {"name": "Shop"})

    assert response.url == url("tokens", world.workspace, shop.pk)
    shop.refresh_from_db()
    assert shop.is_retired
    assert AuditEntry.objects.get().action == "account.retire"
    assert "Create a new token" not in client.get(response.url).text


def test_a_retired_account_gets_no_further_token(world, client, admin, shop):
    shop.retire()

    client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "none"})

    assert shop.tokens.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_the_pages_say_holds_at_the_endpoint(granian, world, client, admin, shop):
    def answer(token: str) -> int:
        query = {"integrationToken": token, "conversationId": "c"}
        return httpx2.get(f"{granian}/conversation/history", params=query).status_code

    assert answer(shop.token) == 200

    client.post(url("rotate-token", world.workspace, shop.pk), {"overlap": "1h"})
    newer = shop.tokens.get(expires_at=None)
    assert (answer(shop.token), answer(newer.reveal())) == (200, 200)

    client.post(url("revoke-token", world.workspace, shop.pk, shop.tokens.exclude(pk=newer.pk).get().pk))
    assert (answer(shop.token), answer(newer.reveal())) == (401, 200)

    client.post(url("retire-account", world.workspace, shop.pk), {"name": "Shop"})
    assert answer(newer.reveal()) == 401


def test_the_page_is_for_admins(world, client, admin, shop):
    assert_for_admins(world, client, "get", url("tokens", world.workspace, shop.pk))


@pytest.mark.parametrize("verb", ["reveal-token", "revoke-token", "rotate-token", "retire-account"])
def test_the_verbs_are_for_admins_of_the_accounts_workspace(world, client, admin, shop, verb):
    token = shop.tokens.get()
    arguments = [token.pk] if verb in {"reveal-token", "revoke-token"} else []
    data = {"name": "Shop", "overlap": "none"}
    for person, workspace, status in [
        (world.stranger, world.workspace, 404),
        (world.stranger, world.elsewhere, 404),
        (world.agent, world.workspace, 403),
    ]:
        client.force_login(person)
        assert client.post(url(verb, workspace, shop.pk, *arguments), data).status_code == status
    client.logout()
    assert client.post(url(verb, world.workspace, shop.pk, *arguments), data).status_code == 302

    shop.refresh_from_db()
    assert not shop.is_retired
    assert shop.tokens.get().expires_at is None
