"""Nothing is promised that is not there: the Website Widget is a kind of account, and no ready-made chat window yet."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from integrations.models import IntegrationAccount
from tests.factories import AccountFactory

PROMISE = re.compile(
    r"script tag|with one line|chat window|nothing else to build|(the|a) website widget (shows|opens|puts)",
    re.IGNORECASE,
)
TEXTS = ("README.md", "docs/**/*.md", "lumika/demo/articles/*.md", "templates/**/*.html", "templates/**/*.txt")


def promises(text):
    """Sentences about the widget or the website that speak of what nobody has built."""
    return [found.group() for found in PROMISE.finditer(text)]


@pytest.mark.parametrize("pattern", TEXTS)
def test_no_text_advertises_the_widget(pattern):
    base = Path(settings.BASE_DIR)
    texts = {str(path.relative_to(base)): path.read_text() for path in base.glob(pattern)}
    assert texts

    found = {name: promises(text) for name, text in texts.items() if "idget" in text or "ebsite" in text}

    assert {name: words for name, words in found.items() if words} == {}


def test_no_page_advertises_the_widget(client, world):
    pages = [client.get(reverse("start"))]
    client.force_login(world.owner)
    pages.append(client.get(reverse("integrations:create-account", args=[world.workspace.slug])))
    form = {"kind": "widget", "name": "Shop", "response_mode": "auto", "allowed_domains": ""}
    pages.append(client.post(reverse("integrations:create-account", args=[world.workspace.slug]), form, follow=True))
    account = IntegrationAccount.objects.get(name="Shop")
    for name in ("account", "domains", "tokens", "connect", "try-it"):
        pages.append(client.get(reverse(f"integrations:{name}", args=[world.workspace.slug, account.pk])))

    assert all(page.status_code == 200 for page in pages)
    assert "lmk_web_" in pages[2].content.decode()
    assert [promises(page.content.decode()) for page in pages] == [[]] * len(pages)


def test_the_kind_says_what_it_is(db):
    account = AccountFactory(kind="widget")

    assert account.kind == "widget"
    assert promises(IntegrationAccount.Kind.WIDGET.meaning) == []
