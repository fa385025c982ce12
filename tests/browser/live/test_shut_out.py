"""Open pages of people who may listen no longer."""

import pytest

from tests.browser.live.steps import LOST, OVER, bars, post
from workspaces.models import Membership

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.mark.alone
def test_whoever_is_removed_is_told_so_at_once(granian, world, home):
    page, owners = home(granian, world.agent), home(granian, world.owner)
    membership = Membership.objects.get(user=world.agent)

    assert post(owners, "workspaces:remove-member", world.workspace.slug, membership.pk).status == 302

    page.locator(OVER).wait_for(timeout=2_000)
    assert bars(page) == ["live-over"]
    assert not owners.locator(OVER).is_visible()


def test_whoever_signed_out_elsewhere_is_told_so_and_keeps_the_page(wire, world, home):
    page = home(wire.url, world.agent)
    page.context.clear_cookies()

    wire.cut()
    wire.mend()

    page.locator(OVER).wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Home"
    assert not page.locator(LOST).is_visible()


def test_the_sign_in_page_never_lands_in_a_fragment(granian, world, home):
    page = home(granian, world.agent)
    page.context.clear_cookies()

    page.evaluate("document.body.dispatchEvent(new CustomEvent('lumika:changed'))")

    page.locator(OVER).wait_for()
    assert page.locator("input[type=password]").count() == 0
    assert page.locator("#desk-counts").count() == 1
