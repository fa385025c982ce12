"""Which sites may call: the list, the test of an origin, and the origins that were refused."""

import pytest

from integrations.models import RefusedOrigin
from integrations.verdicts import verdict
from tests.factories import AccountFactory, RefusedOriginFactory
from tests.integrations.pages.addresses import assert_for_admins, url
from workspaces.models import AuditEntry


def save(client, world, account, text: str):
    return client.post(url("domains", world.workspace, account.pk), {"allowed_domains": text})


@pytest.fixture
def listed(shop):
    """An account with a list."""
    shop.allowed_domains = ["shop.example.com", "*.example.org"]
    shop.save()
    return shop


# The list


def test_domains_are_saved_in_canonical_form(world, client, admin, shop):
    text = " HTTPS://Shop.Example.com:443 \r\n\r\nbücher.example\r\nXN--BCHER-kva.example\r\nlocalhost:3000\r\nhttps://shop.example.com"

    response = save(client, world, shop, text)

    assert response.url == url("domains", world.workspace, shop.pk)
    shop.refresh_from_db()
    assert shop.allowed_domains == ["https://shop.example.com", "xn--bcher-kva.example", "localhost:3000"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("domains.change", {"allowed_domains": shop.allowed_domains})


def test_an_emptied_list_lets_every_site_in(world, client, admin, listed):
    assert save(client, world, listed, "").status_code == 302

    listed.refresh_from_db()
    assert listed.allowed_domains == []


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("https://", "The domain is missing"),
        ("*.com", "would let in strangers"),
        ("*", "leave the list empty"),
        ("exa mple", "no spaces"),
        ("http://a@b", "Leave out the user name"),
        ("xn--ü.example", "no valid international domain"),
        ("☃.example", "no valid international domain"),
        ("example.com:0", "1 to 65535"),
        ("example.com:65536", "1 to 65535"),
        ("example.com:99999999", "1 to 65535"),
        ("example.com/chat", "Leave out the path"),
        ("<script>alert(1)</script>", "Leave out the path"),
    ],
)
def test_a_mistake_is_told_at_its_line_and_the_rest_of_the_form_stays(world, client, admin, listed, written, advice):
    text = f"good.example\n{written}\nlocalhost"

    response = save(client, world, listed, text)

    assert response.status_code == 200
    form = response.context["form"]
    assert [line.number for line in form.lines if line.error] == [2]
    (error,) = form.errors["allowed_domains"]
    assert error.startswith(f"Line 2, “{written}”: ")
    assert advice in error
    assert form["allowed_domains"].value() == text
    assert "<script>alert" not in response.text
    listed.refresh_from_db()
    assert listed.allowed_domains == ["shop.example.com", "*.example.org"]
    assert not AuditEntry.objects.exists()


def test_what_is_being_typed_is_shown_in_canonical_form(world, client, admin, shop):
    text = "BÜCHER.example\n*.com\nlocalhost"

    response = client.post(url("preview-domains", world.workspace, shop.pk), {"allowed_domains": text})

    assert "xn--bcher-kva.example" in response.text
    assert "would let in strangers" in response.text
    assert "http and https, any port" in response.text
    shop.refresh_from_db()
    assert shop.allowed_domains == []


def test_the_second_of_two_admins_does_not_overwrite_the_list(world, client, admin, listed):
    page = url("domains", world.workspace, listed.pk)
    form = client.get(page).context["form"]
    seen = {"updated_at": form["updated_at"].value(), "initial-allowed_domains": form["allowed_domains"].value()}
    save(client, world, listed, "theirs.example")

    conflict = client.post(page, seen | {"allowed_domains": "mine.example"})

    (change,) = conflict.context["form"].changed_meanwhile
    assert (change.theirs, change.mine) == ("theirs.example", "mine.example")
    listed.refresh_from_db()
    assert listed.allowed_domains == ["theirs.example"]


# The test of an origin


@pytest.mark.parametrize(
    ("written", "is_allowed", "why", "entry"),
    [
        ("https://shop.example.com", True, "The entry shop.example.com lets it in.", None),
        ("shop.example.com/cart?id=1", True, "The entry shop.example.com lets it in.", None),
        ("https://a.b.example.org", True, "The entry *.example.org lets it in.", None),
        ("http://shop.example.com", False, "means https, and this origin is http", "http://shop.example.com"),
        ("https://shop.example.com:8443", False, "for another port than 8443", "shop.example.com:8443"),
        ("https://example.org", False, "but not example.org itself", "example.org"),
        ("https://other.example", False, "No entry names this host.", "other.example"),
        ("null", False, "No entry names this host.", "null"),
        ("ftp://shop.example.com", False, "This is no web origin.", None),
        ("https://", False, "This is no web origin.", None),
        ("*.example.org", False, "This is no web origin.", None),
    ],
)
def test_an_origin_is_tested_against_the_list(world, client, admin, listed, written, is_allowed, why, entry):
    response = client.get(url("domains", world.workspace, listed.pk), {"origin": written})

    found = response.context["verdict"]
    assert (found.is_allowed, found.entry) == (is_allowed, entry)
    assert why in found.why
    assert found.is_allowed == (found.origin is not None and listed.admits(str(found.origin)))


def test_an_empty_list_lets_every_origin_in() -> None:
    assert verdict("https://anything.example", []).is_allowed


# Refused origins


def test_a_refused_origin_is_allowed_by_one_click(world, client, admin, listed):
    refused = RefusedOriginFactory(account=listed, origin="https://new.example:8443", count=12)
    page = client.get(url("domains", world.workspace, listed.pk))
    assert "Allow new.example:8443" in page.text

    response = client.post(url("allow-origin", world.workspace, listed.pk, refused.pk))

    assert response.url == url("domains", world.workspace, listed.pk)
    listed.refresh_from_db()
    assert listed.allowed_domains == ["shop.example.com", "*.example.org", "new.example:8443"]
    assert listed.admits("https://new.example:8443")
    assert not RefusedOrigin.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("domains.allow", {"entry": "new.example:8443"})


def test_allowing_on_an_empty_list_does_not_shut_the_others_out(world, client, admin, shop):
    refused = RefusedOriginFactory(account=shop)

    client.post(url("allow-origin", world.workspace, shop.pk, refused.pk))

    shop.refresh_from_db()
    assert shop.allowed_domains == []
    assert not RefusedOrigin.objects.exists()


def test_saving_the_list_forgets_the_refusals_that_it_ends(world, client, admin, listed):
    RefusedOriginFactory(account=listed, origin="https://a.example")
    other = RefusedOriginFactory(account=listed, origin="https://b.example")

    save(client, world, listed, "*.example.org\na.example")

    assert RefusedOrigin.objects.get() == other


def test_a_refused_origin_is_dismissed_and_stays_refused(world, client, admin, listed):
    refused = RefusedOriginFactory(account=listed)

    response = client.post(url("dismiss-origin", world.workspace, listed.pk, refused.pk))

    assert response.status_code == 302
    assert not RefusedOrigin.objects.exists()
    listed.refresh_from_db()
    assert not listed.admits(refused.origin)
    assert AuditEntry.objects.get().action == "refused_origin.dismiss"


# Who may not


def test_the_page_is_for_admins(world, client, admin, listed, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(url("domains", world.workspace, listed.pk))
    assert_for_admins(world, client, "get", url("domains", world.workspace, listed.pk))


def test_the_preview_is_for_admins(world, client, admin, listed):
    assert_for_admins(world, client, "post", url("preview-domains", world.workspace, listed.pk))


@pytest.mark.parametrize("verb", ["allow-origin", "dismiss-origin"])
def test_the_verbs_are_for_admins_of_the_accounts_workspace(world, client, admin, listed, verb):
    refused = RefusedOriginFactory(account=listed)
    own = AccountFactory(workspace=world.elsewhere)
    for person, workspace, account, status in [
        (admin, world.workspace, AccountFactory(workspace=world.workspace), 404),
        (world.stranger, world.workspace, listed, 404),
        (world.stranger, world.elsewhere, listed, 404),
        (world.stranger, world.elsewhere, own, 404),
        (world.agent, world.workspace, listed, 403),
    ]:
        client.force_login(person)
        assert client.post(url(verb, workspace, account.pk, refused.pk)).status_code == status
    client.logout()
    assert client.post(url(verb, world.workspace, listed.pk, refused.pk)).status_code == 302

    listed.refresh_from_db()
    assert listed.allowed_domains == ["shop.example.com", "*.example.org"]
    assert RefusedOrigin.objects.get() == refused
