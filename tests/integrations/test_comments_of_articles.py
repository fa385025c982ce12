"""No comment of an article leaves it: by no responder, on no preview, in no search, however the article was written."""

import json

import pytest
from django.db import connection
from django.urls import reverse

from integrations.article_import import File, take
from integrations.models import Article
from integrations.responders.base import ArticleHit, ReplyRequest, ResponderSettings, Turn
from integrations.responders.knowledge import Knowledge
from integrations.responders.prompt import cited, system_prompt
from integrations.responders.webhook import _data
from tests.factories import ArticleFactory
from workspaces.verbs import Actor

SEEN = "Refunds take thirty days. They begin with `<!-- a code -->`."
BODY = f"<!-- INTERNAL: margin forty percent -->\n{SEEN}\n\nAsk <!-- INTERNAL\n\nmargin --> us. <!-- INTERNAL margin"


def hit(body: str = BODY, title: str = "Refunds <!-- INTERNAL -->") -> ArticleHit:
    return ArticleHit(id="a1", title=title, body=body, url="https://help.example/1", score=0.5)


def request(article: ArticleHit, kind: str = "knowledge") -> ReplyRequest:
    question = [Turn("customer", "How long do refunds take, with which margin?")]
    return ReplyRequest(ResponderSettings(kind=kind), question, [article])


@pytest.mark.asyncio
async def test_the_built_in_responder_quotes_none() -> None:
    *deltas, done = [part async for part in Knowledge().stream(request(hit()))]

    text = "".join(delta.text for delta in deltas)
    assert SEEN in text
    assert "INTERNAL" not in text
    assert [source.title for source in done.sources] == ["Refunds"]


def test_a_model_reads_none() -> None:
    prompt = system_prompt(request(hit(), "anthropic"))

    assert SEEN in prompt
    assert "INTERNAL" not in prompt
    assert [source.title for source in cited("Thirty days [1].", [hit()])] == ["Refunds"]


def test_a_backend_gets_none() -> None:
    sent = json.dumps(_data(request(hit(), "webhook")))

    assert json.dumps(SEEN)[1:-1] in sent
    assert "INTERNAL" not in sent


def test_a_title_of_nothing_but_a_comment_becomes_another() -> None:
    assert hit(title="<!-- INTERNAL -->").title == "Untitled"


def by_page(client, world) -> None:
    client.force_login(world.owner)
    form = {"title": "Refunds", "body": BODY, "url": "", "language": "english"}
    assert client.post(reverse("integrations:create-article", args=[world.workspace.slug]), form).status_code == 302


def by_save(_client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="Soon.")
    article.body = BODY
    article.save(update_fields=["body"])


def by_create(_client, world) -> None:
    Article.objects.create(workspace=world.workspace, title="Refunds", body=BODY)


def by_bulk_create(_client, world) -> None:
    Article.objects.bulk_create([Article(workspace=world.workspace, title="Refunds", body=BODY)])


def by_bulk_update(_client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="Soon.")
    article.body = BODY
    Article.objects.bulk_update([article], ["body"])


def by_update(_client, world) -> None:
    ArticleFactory(workspace=world.workspace, title="Refunds", body="Soon.")
    Article.objects.update(body=BODY)


def by_import(_client, world) -> None:
    owner = Actor(world.owner)
    files = [File("refunds.md", f"<!--\n# INTERNAL\n-->\n# Refunds\n\n{BODY}".encode())]
    take(workspace=world.workspace, files=files, skipped=[], language="english", by=owner)


WAYS = [by_page, by_save, by_create, by_bulk_create, by_bulk_update, by_update, by_import]


@pytest.mark.django_db
@pytest.mark.parametrize("write", WAYS)
def test_words_of_a_comment_find_nothing_however_the_article_is_written(client, world, write) -> None:
    write(client, world)

    [found] = Article.objects.find(world.workspace, "refunds thirty")
    assert (found.title, "INTERNAL" in found.body, SEEN in found.body) == ("Refunds", False, True)
    assert Article.objects.find(world.workspace, "internal margin forty percent") == []
    assert len(Article.objects.find(world.workspace, "code")) == 1
    assert "INTERNAL" in Article.objects.get().body, "the author's own text stays as it is"


@pytest.mark.django_db
def test_a_changed_comment_or_a_removed_one_is_followed(world) -> None:
    article = ArticleFactory(workspace=world.workspace, body="Soon. <!-- margin -->")
    article.body = "Soon. <!-- profit -->"
    article.save()
    assert not Article.objects.find(world.workspace, "margin profit")

    article.body = "Soon. margin"
    article.save()

    assert [found.body for found in Article.objects.find(world.workspace, "margin")] == ["Soon. margin"]


@pytest.mark.django_db
def test_a_body_written_past_the_model_is_never_mistaken_for_the_one_before(world) -> None:
    ArticleFactory(workspace=world.workspace, title="Refunds", body="Thirty days. <!-- INTERNAL -->")
    with connection.cursor() as cursor:  # as a server of the version before does
        cursor.execute("UPDATE integrations_article SET body = 'Forty days. <!-- INTERNAL -->'")

    assert [found.body for found in Article.objects.find(world.workspace, "forty")] == ["Forty days. "]


@pytest.mark.django_db
def test_words_of_a_comment_in_a_title_find_nothing(world) -> None:
    ArticleFactory(workspace=world.workspace, title="Refunds <!-- margin -->", body="Soon.")

    assert [found.title for found in Article.objects.find(world.workspace, "refunds")] == ["Refunds"]
    assert Article.objects.find(world.workspace, "margin") == []


@pytest.mark.django_db
def test_previews_and_hits_show_none(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body=BODY)
    client.force_login(world.owner)
    page = reverse("integrations:article", args=[world.workspace.slug, article.pk])
    form = {"title": "Refunds", "body": BODY, "url": "", "language": "english", "preview": "1"}

    saved, typed = client.get(page).context["preview"], client.post(page, form).context["preview"]
    hits = client.get(reverse("integrations:knowledge", args=[world.workspace.slug]), {"q": "refunds"}).content.decode()

    for preview in (saved, typed):
        assert "thirty days" in preview and "&lt;!-- a code --&gt;" in preview
        assert "INTERNAL" not in preview
    assert "thirty days" in hits and "INTERNAL" not in hits


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Refunds <!-- INTERNAL -->\n\nSoon.", "Refunds", "# Refunds <!-- INTERNAL -->\n\nSoon."),
        ("# Refunds <!--\nINTERNAL -->\n\nSoon.", "Refunds", "# Refunds <!--\nINTERNAL -->\n\nSoon."),
        ("<!--\n# INTERNAL\n-->\n# Refunds\n\nSoon.", "Refunds", "<!--\n# INTERNAL\n-->\n# Refunds\n\nSoon."),
        ("# Refunds\n\nSoon. <!-- INTERNAL -->", "Refunds", "Soon. <!-- INTERNAL -->"),
    ],
)
def test_an_imported_file_takes_its_title_from_what_readers_see(world, by, text: str, title: str, body: str) -> None:
    take(workspace=world.workspace, files=[File("a.md", text.encode())], skipped=[], language="english", by=by)

    article = Article.objects.get()
    assert (article.title, article.body) == (title, body)
