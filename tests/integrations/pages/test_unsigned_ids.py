"""An account that gets unsigned ids from pages says so in red, with what to do, until that is mended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.health import Sign
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory
from tests.integrations.pages.addresses import url

pytestmark = pytest.mark.django_db

ON_ITS_PAGES = ("account", "tokens", "domains", "try-it", "connect", "requests")
LABEL = "Unsigned ids from pages"


@pytest.fixture
def careless(shop):
    """The shop's pages send ``customer-42``."""
    shop.tokens.update(last_used_at=timezone.now())
    note(shop)
    return shop


def note(account, *, days_ago=0.0, origin="https://shop.example"):
    at = timezone.now() - timedelta(days=days_ago)
    IntegrationAccount.objects.filter(pk=account.pk).update(unsigned_ids_at=at, unsigned_ids_origin=origin)


def signs(client, account, name="account"):
    return client.get(url(name, account.workspace, account.pk)).context["signs"]


def test_the_account_says_which_pages_and_what_to_do(world, client, admin, careless):
    response = client.get(url("account", world.workspace, careless.pk))

    (sign,) = response.context["signs"]
    assert (sign.tone, sign.label) == ("danger", LABEL)
    assert f'<p class="notice is-danger"><strong>{LABEL}.</strong> Pages of https://shop.example send' in response.text
    assert "samples under Connect" in sign.advice
    assert "Require signed conversation ids" in sign.advice


def test_so_do_its_recent_requests(world, client, admin, careless):
    response = client.get(url("requests", world.workspace, careless.pk))

    assert f'<p class="notice is-danger"><strong>{LABEL}.</strong> Pages of https://shop.example send' in response.text


@pytest.mark.parametrize("name", ON_ITS_PAGES)
def test_every_page_of_the_account_bears_the_red_mark(client, admin, careless, name):
    assert [(sign.tone, sign.label) for sign in signs(client, careless, name)] == [("danger", LABEL)]


def test_it_stands_in_the_list_of_accounts_and_at_no_other_account(world, client, admin, careless):
    AccountFactory(workspace=world.workspace, name="Tidy")

    rows = client.get(url("accounts", world.workspace)).context["rows"]

    labels = {account.name: [sign.label for sign in signs] for account, signs in rows}
    assert labels["Shop"] == [LABEL]
    assert LABEL not in labels["Tidy"]


def test_it_goes_away_once_signatures_are_required(client, admin, careless):
    IntegrationAccount.objects.update(require_signature=True)

    assert signs(client, careless) == [Sign("good", "Good")]


def test_it_goes_away_when_no_such_request_came_for_a_week(client, admin, careless):
    note(careless, days_ago=6.9)
    assert [sign.label for sign in signs(client, careless)] == [LABEL]

    note(careless, days_ago=7.1)

    assert signs(client, careless) == [Sign("good", "Good")]


def test_a_page_whose_origin_is_unknown_is_told_without_one(client, admin, careless):
    note(careless, origin="")

    (sign,) = signs(client, careless)

    assert sign.advice.startswith("Pages send conversation ids")


def test_a_retired_account_has_nothing_to_mend(client, admin, careless):
    careless.retire()

    assert [sign.label for sign in signs(client, careless)] == ["Retired"]
