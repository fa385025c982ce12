"""The documentation inside the product: public, only what is listed, and all links lead somewhere."""

import re

import pytest
from django.urls import reverse

from lumika import docs

LINK = re.compile(r'href="([^"]+)"')
ID = re.compile(r'id="([^"]+)"')


def prose(client, slug):
    response = client.get(reverse("docs-page", args=[slug]))
    assert response.status_code == 200
    return response.context["article"].html


@pytest.fixture(autouse=True)
def no_person(db):
    """Nobody is signed in; the page only asks whether somebody is."""


def test_the_start_of_the_documentation_is_the_quick_start(client):
    response = client.get("/docs/")

    assert response.status_code == 302
    assert response.headers["Location"] == "/docs/quick-start/"


@pytest.mark.parametrize("slug", docs.PAGES)
def test_a_page_is_rendered_with_its_sections_in_the_contents(client, slug):
    response = client.get(f"/docs/{slug}/")

    assert response.text.count("<h1") == 1
    article = response.context["article"]
    assert article.headings
    assert {heading.anchor for heading in article.headings} <= set(ID.findall(article.html))
    assert all(f'href="#{heading.anchor}"' in response.text for heading in article.headings)


@pytest.mark.parametrize("slug", docs.PAGES)
def test_links_between_pages_lead_to_pages_and_their_headings(client, slug):
    for link in LINK.findall(prose(client, slug)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, fragment = link.partition("#")
        target = path.removeprefix("/docs/").rstrip("/") or slug
        assert not path or path.startswith("/docs/"), link
        assert not fragment or fragment in ID.findall(prose(client, target)), link


@pytest.mark.parametrize("slug", ["architecture", "decisions", "guides", "README", "nonsense"])
def test_what_is_not_listed_is_not_shown(client, slug):
    assert client.get("/docs/api/").status_code == 200

    assert client.get(f"/docs/{slug}/").status_code == 404


def test_a_link_to_a_file_that_is_not_listed_is_plain_text(client):
    html = prose(client, "deployment")

    assert ".env.example" in html
    assert ".env.example" not in " ".join(LINK.findall(html))


def test_html_in_a_file_is_text(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").write_text(
        "# Hi\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://a/b.png)\n"
    )

    html = docs.article(docs.Page("x", "X", "x.md")).html

    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html
