import pytest
from django.urls import reverse
from tests.factories import ArticleFactory
from tests.browser.pages import sign_in
pytestmark = pytest.mark.django_db(transaction=True)
def test_shot(browser, granian, world):
    a = ArticleFactory(workspace=world.workspace, title="Parcels", body="# Parcels\n\nThey take **two** days.\n\n## When late\n\nWrite to us.\n\n### Abroad\n\nLonger.")
    for who, path in (("owner", reverse("integrations:article", args=[world.workspace.slug, a.pk])), ("agent", reverse("home", args=[world.workspace.slug]))):
        with browser.new_context(viewport={"width":1280,"height":800}, base_url=granian) as c:
            sign_in(c, getattr(world, who), granian)
            p = c.new_page(); p.goto(path); p.screenshot(path=f"/tmp/journey-{who}.png")
