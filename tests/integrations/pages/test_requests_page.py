"""The list of recent requests: newest first, with the plain fix for what was refused."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations import fixes
from integrations.models import RequestRecord
from integrations.pages.requests import AT_ONCE
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

API = Path(__file__).parents[3] / "docs" / "api.md"
BEFORE_THE_ACCOUNT_IS_KNOWN = {
    "ambiguous_token",
    "method_not_allowed",
    "not_a_stream_request",
    "not_found",
    "uri_too_long",
}


def address(account, workspace=None, query=""):
    return reverse("integrations:requests", args=[(workspace or account.workspace).slug, account.pk]) + query


def record(account, *, seconds_ago=1, status=200, **values):
    return RequestRecord.objects.create(
        workspace=account.workspace,
        account=account,
        created_at=timezone.now() - timedelta(seconds=seconds_ago),
        endpoint="sse",
        status=status,
        duration_ms=12,
        request_id=values.pop("request_id", "0123456789abcdef"),
        **values,
    )


def ids(response):
    return [row.request_id for row, _ in response.context["rows"]]


def test_requests_are_listed_newest_first(client, world, account):
    for seconds in (30, 10, 20):
        record(account, seconds_ago=seconds, request_id=f"id-{seconds}")
    record(AccountFactory(workspace=world.workspace), request_id="other")
    client.force_login(world.owner)

    response = client.get(address(account))

    assert ids(response) == ["id-10", "id-20", "id-30"]
    assert "12 ms" in response.text


def test_a_refused_origin_comes_with_the_way_to_allow_it(client, world, account):
    record(account, status=403, code="origin_not_allowed", origin="https://shop.example")
    client.force_login(world.owner)

    response = client.get(address(account))

    assert "https://shop.example" in response.text
    assert "Allow this origin" in response.text
    assert (
        f'href="{reverse("integrations:domains", args=[account.workspace.slug, account.pk])}">Allowed' in response.text
    )


def test_a_server_at_a_widget_is_told_to_use_an_api_account(client, world, account):
    record(account, status=403, code="origin_not_allowed")
    client.force_login(world.owner)

    response = client.get(address(account))

    assert "use an API account" in response.text
    assert "Allow this origin" not in response.text


def test_refused_ones_can_be_seen_alone(client, world, account):
    record(account, request_id="well")
    record(account, status=400, code="invalid_limit", request_id="refused")
    client.force_login(world.owner)

    assert ids(client.get(address(account, query="?show=refused"))) == ["refused"]


def test_older_ones_are_a_page_further(client, world, account):
    for number in range(AT_ONCE + 2):
        record(account, seconds_ago=number, request_id=str(number))
    client.force_login(world.owner)
    first = client.get(address(account))
    assert ids(first)[-1] == str(AT_ONCE - 1)

    link = re.search(r'href="(\?before=[^"]+)"', first.text)
    second = client.get(address(account, query=link.group(1)))

    assert ids(second) == [str(AT_ONCE), str(AT_ONCE + 1)]
    assert "Older" in first.text
    assert "Older" not in second.text


def test_a_nonsense_cursor_is_passed_over(client, world, account):
    record(account)
    client.force_login(world.owner)

    for before in ("x", "2026-02-30T00:00:00Z", "2026-02-03", "2026-02-03T00:00:00"):
        assert len(ids(client.get(address(account, query=f"?before={before}")))) == 1


def test_an_empty_list_leads_to_the_console(client, world, account):
    client.force_login(world.owner)

    assert (
        reverse("integrations:try-it", args=[account.workspace.slug, account.pk]) in client.get(address(account)).text
    )


def test_every_error_of_the_api_has_a_fix():
    section = API.read_text().partition("\n## 7. ")[2].partition("\n## 8. ")[0]
    codes = set(re.findall(r"^\| \d{3} \| `([a-z_]+)` \|", section, re.MULTILINE))
    assert "origin_not_allowed" in codes

    assert codes - BEFORE_THE_ACCOUNT_IS_KNOWN <= set(fixes.FIXES)


def test_it_takes_few_queries(client, world, account, django_assert_max_num_queries):
    for _ in range(AT_ONCE):
        record(account, status=403, code="origin_not_allowed", origin="https://shop.example")
    client.force_login(world.owner)

    with django_assert_max_num_queries(12):
        client.get(address(account))


def test_it_is_for_admins_of_the_workspace_only(client, world, account):
    assert client.get(address(account)).status_code == 302

    client.force_login(world.agent)
    assert client.get(address(account)).status_code == 403

    client.force_login(world.stranger)
    assert client.get(address(account)).status_code == 404
    assert client.get(address(account, world.elsewhere)).status_code == 404
