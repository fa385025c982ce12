import pytest
from django.urls import reverse

from integrations import markdown
from integrations.models import Article
from tests.factories import ArticleFactory
from tests.integrations.pages.browsing import shown
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db

FORM = {"title": "Refunds", "body": "Within **thirty** days.", "url": "https://help.example/1", "language": "english"}


def url(name: str, world, *args: object) -> str:
    return reverse(f"integrations:{name}", args=[world.workspace.slug, *args])


def test_the_list_shows_the_workspaces_articles(client, world, django_assert_max_num_queries) -> None:
    for number in range(60):
        ArticleFactory(workspace=world.workspace, title=f"Ours {number:02}")
    ArticleFactory(workspace=world.elsewhere, title="Theirs")
    client.force_login(world.owner)

    with django_assert_max_num_queries(12):
        page = client.get(url("knowledge", world)).content.decode()

    assert "Ours 49" in page and "Ours 50" not in page
    assert "1 to 50 of 60" in page
    assert "Theirs" not in page
    assert "Ours 59" in client.get(url("knowledge", world) + "?page=2").content.decode()


def test_an_empty_list_offers_to_import(client, world) -> None:
    client.force_login(world.owner)

    assert url("import-articles", world) in client.get(url("knowledge", world)).content.decode()


def test_the_search_shows_what_a_responder_would_get_with_scores(client, world) -> None:
    for number in range(6):
        ArticleFactory(workspace=world.workspace, title=f"Page {number}", body="How refunds work.")
    best = ArticleFactory(workspace=world.workspace, title="Refunds", body="Within thirty days.")
    ArticleFactory(workspace=world.elsewhere, title="Their refunds")
    client.force_login(world.owner)

    response = client.get(url("knowledge", world), {"q": "How do refunds work?"})

    hits = response.context["hits"]
    assert len(hits) == 7
    assert str(best.pk) in {hit.id for hit in hits}
    assert hits == sorted(hits, key=lambda hit: -hit.score)
    assert [hit.id for hit in Article.objects.find(world.workspace, "How do refunds work?")] == [h.id for h in hits[:5]]
    page = response.content.decode()
    assert "A responder gets the 5 above" in page
    assert "Their refunds" not in page


@pytest.mark.parametrize("question", ["zzz", "<script>", "a\0b & | ! :* ''", "x" * 5000])
def test_a_search_that_finds_nothing_says_so(client, world, question: str) -> None:
    ArticleFactory(workspace=world.workspace)
    client.force_login(world.owner)

    page = client.get(url("knowledge", world), {"q": question}).content.decode()

    assert "Nothing matches" in page
    assert "<script>" not in page.replace("<script type=", "").replace("<script src=", "")


def test_an_article_is_written(client, world) -> None:
    client.force_login(world.owner)

    response = client.post(url("create-article", world), FORM)

    assert response.url == url("knowledge", world)
    article = Article.objects.get(workspace=world.workspace)
    assert (article.title, article.url, article.language) == ("Refunds", "https://help.example/1", "english")
    assert AuditEntry.objects.get(action="article.create").target_id == article.pk


def test_an_article_is_changed(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace)
    client.force_login(world.owner)

    client.post(url("article", world, article.pk), FORM | {"language": "german"})

    article.refresh_from_db()
    assert (article.title, article.language) == ("Refunds", "german")
    assert "body" in AuditEntry.objects.get(action="article.change").detail["changed"]


def test_the_second_of_two_admins_sees_what_the_first_one_changed(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="One.\n\nTwo.")
    client.force_login(world.owner)
    address = url("article", world, article.pk)
    mine, theirs = shown(client.get(address)), shown(client.get(address))
    client.post(address, theirs | {"body": "One.\r\n\r\nTheirs."})

    conflict = client.post(address, mine | {"body": "Mine.\r\n\r\nTwo."})

    changes = [tuple(change) for change in conflict.context["form"].changed_meanwhile]
    assert changes == [("Text", "One.\n\nTheirs.", "Mine.\n\nTwo.")]
    assert "Save all the same" in conflict.text
    article.refresh_from_db()
    assert article.body == "One.\n\nTheirs."

    assert client.post(address, shown(conflict)).status_code == 302
    article.refresh_from_db()
    assert article.body == "Mine.\n\nTwo."


def test_two_admins_change_different_fields(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="One.\n\nTwo.")
    client.force_login(world.owner)
    address = url("article", world, article.pk)
    mine, theirs = shown(client.get(address)), shown(client.get(address))
    client.post(address, theirs | {"body": "Theirs."})

    conflict = client.post(address, mine | {"title": "Money back"})
    client.post(address, shown(conflict))

    article.refresh_from_db()
    assert (article.title, article.body) == ("Money back", "Theirs.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("body", ""),
        ("body", "x" * 200_001),
        ("body", "\0"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://help.example/"),
        ("language", "klingon"),
    ],
)
def test_what_cannot_be_saved_is_said_beside_the_field(client, world, field: str, value: str) -> None:
    client.force_login(world.owner)

    response = client.post(url("create-article", world), FORM | {field: value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not Article.objects.filter(workspace=world.workspace).exists()


def test_a_preview_saves_nothing_and_keeps_the_form(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Old")
    client.force_login(world.owner)

    for address in (url("create-article", world), url("article", world, article.pk)):
        response = client.post(address, FORM | {"preview": "1", "title": "Mine"})

        page = response.content.decode()
        assert "Within <strong>thirty</strong> days." in page
        assert 'value="Mine"' in page and "Within **thirty** days." in page
    article.refresh_from_db()
    assert article.title == "Old"
    assert Article.objects.filter(workspace=world.workspace).count() == 1


def test_what_was_previewed_without_scripts_can_be_saved_from_that_page(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Old")
    client.force_login(world.owner)
    address = url("article", world, article.pk)

    preview = client.post(address, shown(client.get(address)) | {"preview": "1", "title": "New", "body": "New text."})
    client.post(address, shown(preview))

    article.refresh_from_db()
    assert (article.title, article.body) == ("New", "New text.")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("![a *cat*](https://x.example/c.png)", "<p>a *cat*</p>\n"),
        ('![" onload="x](c.png)', '<p>" onload="x</p>\n'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](https://x.example)", '<p><a href="https://x.example" rel="noopener noreferrer nofollow">a</a></p>\n'),
        ("<img src=x>", "<p>&lt;img src=x&gt;</p>\n"),
    ],
)
def test_markdown_is_shown_without_anything_that_runs_or_loads(text: str, html: str) -> None:
    assert markdown.render(text) == html


def test_headings_of_a_text_stand_below_those_of_the_page() -> None:
    assert markdown.render("# One\n\n#### Four\n\n###### Six") == "<h3>One</h3>\n<h6>Four</h6>\n<h6>Six</h6>\n"


def test_an_article_is_deleted(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace)
    client.force_login(world.owner)
    assert client.get(url("delete-article", world, article.pk)).status_code == 200
    assert Article.objects.filter(pk=article.pk).exists()

    response = client.post(url("delete-article", world, article.pk))

    assert response.url == url("knowledge", world)
    assert not Article.objects.filter(pk=article.pk).exists()
    assert AuditEntry.objects.get(action="article.delete").target_id == article.pk


def test_an_article_of_another_workspace_is_out_of_reach(client, world) -> None:
    foreign = ArticleFactory(workspace=world.elsewhere, title="Theirs")
    client.force_login(world.owner)

    for name in ("article", "delete-article"):
        assert client.get(url(name, world, foreign.pk)).status_code == 404
        assert client.post(url(name, world, foreign.pk), FORM).status_code == 404
    assert Article.objects.get(pk=foreign.pk).title == "Theirs"


@pytest.mark.parametrize("name", ["knowledge", "create-article", "article", "delete-article"])
def test_who_may_enter(client, world, name: str) -> None:
    article = ArticleFactory(workspace=world.workspace)
    address = url(name, world, *([article.pk] if name in {"article", "delete-article"} else []))
    client.force_login(world.owner)
    assert client.get(address).status_code == 200

    client.force_login(world.stranger)
    assert client.get(address).status_code == 404
    client.force_login(world.agent)
    assert client.get(address).status_code == 403
    client.logout()
    assert reverse("account_login") in client.get(address).url
