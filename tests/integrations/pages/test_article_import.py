"""Importing Markdown files: what is taken, what is skipped, and what refuses the whole import."""

import io
import stat
import struct
import zipfile
from time import monotonic

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.article_import import File, ImportRefused, from_zip, take
from integrations.models import Article
from tests.factories import ArticleFactory
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


def zipped(files: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


def url(world, workspace=None) -> str:
    return reverse("integrations:import-articles", args=[(workspace or world.workspace).slug])


def send(client, world, *files: SimpleUploadedFile, **fields):
    client.force_login(world.owner)
    return client.post(url(world), {"uploads": list(files), "language": "english", **fields})


def send_zip(client, world, files: dict[str, bytes | str] | bytes):
    content = files if isinstance(files, bytes) else zipped(files)
    return send(client, world, SimpleUploadedFile("help.zip", content))


def titles(world) -> set[str]:
    return set(Article.objects.filter(workspace=world.workspace).values_list("title", flat=True))


def test_a_zip_becomes_articles(client, world) -> None:
    response = send_zip(
        client,
        world,
        {"help/refunds.md": "# Refunds **and** returns\n\nThirty days.", "help/shipping-costs.markdown": "We pay."},
    )

    assert "2 new, 0 updated, 0 skipped" in response.content.decode()
    refunds = Article.objects.get(title="Refunds and returns")
    assert (refunds.workspace, refunds.body, refunds.language) == (world.workspace, "Thirty days.", "english")
    assert Article.objects.get(title="Shipping costs").body == "We pay."
    entry = AuditEntry.objects.get(action="articles.import")
    assert entry.actor == world.owner
    assert entry.detail == {"created": 2, "updated": 0, "skipped": 0}


def test_several_files_become_articles(client, world) -> None:
    files = [SimpleUploadedFile(f"page-{number}.md", f"# Page {number}\n\nText.".encode()) for number in range(300)]

    response = send(client, world, *files, language="german")

    assert "300 new" in response.content.decode()
    assert Article.objects.filter(language="german").count() == 300


def test_a_folder_becomes_articles(client, world) -> None:
    files = [SimpleUploadedFile("a.md", b"# A\n\nText."), SimpleUploadedFile("logo.png", b"x" * 6 * MEGABYTE)]
    client.force_login(world.owner)

    response = client.post(url(world), {"folder": files, "language": "english"})

    assert "1 new, 0 updated, 1 skipped" in response.content.decode()
    assert titles(world) == {"A"}


def test_an_article_of_the_same_title_is_updated(client, world) -> None:
    article = ArticleFactory(workspace=world.workspace, title="Refunds", body="Old.", url="https://help.example/1")
    foreign = ArticleFactory(workspace=world.elsewhere, title="Refunds", body="Theirs.")

    response = send_zip(client, world, {"a.md": "# Refunds\n\nNew."})

    assert "0 new, 1 updated" in response.content.decode()
    article.refresh_from_db()
    foreign.refresh_from_db()
    assert (article.body, article.url) == ("New.", "https://help.example/1")
    assert foreign.body == "Theirs."
    assert [hit.title for hit in Article.objects.find(world.workspace, "new?")] == ["Refunds"]


def test_importing_again_changes_nothing_more(client, world) -> None:
    for _ in range(2):
        send_zip(client, world, {"a.md": "# A\n\nText."})

    assert Article.objects.filter(workspace=world.workspace).count() == 1


def test_what_is_no_article_is_skipped_with_the_reason(client, world) -> None:
    response = send_zip(
        client,
        world,
        {
            "a.md": "# A\n\nText.",
            "again.md": "# A\n\nOther text.",
            "logo.png": b"\x89PNG",
            "__MACOSX/._a.md": b"\x00\x05",
            "empty.md": "  \n",
            "only-title.md": "# Title",
            "long.md": "x" * 200_001,
        },
    )

    page = response.content.decode()
    assert "1 new, 0 updated, 6 skipped" in page
    for reason in ("same title as a.md: A", "not Markdown", "empty", "longer than 200,000 characters"):
        assert reason in page
    assert Article.objects.get(workspace=world.workspace).body == "Text."


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# One\n\nText.\n\n# Two", "One", "Text.\n\n# Two"),
        ("Intro.\n\n## Later", "Later", "Intro.\n\n## Later"),
        ("```sh\n# no heading\n```\n\n# Real", "Real", "```sh\n# no heading\n```\n\n# Real"),
        ("---\ntitle: x\n---\n# One\nText.", "One", "Text."),
        ("\ufeff# One\r\nText.", "One", "Text."),
        ("# [One](https://a.example) `two`\nText.", "One two", "Text."),
        ("Text.", "My page", "Text."),
        ("#\nText.", "My page", "#\nText."),
        (f"# {'x' * 300}\nText.", "x" * 200, "Text."),
    ],
)
def test_the_title_is_the_first_heading_or_the_name_of_the_file(world, text: str, title: str, body: str) -> None:
    report = take(
        workspace=world.workspace, files=[File("docs/my-page.md", text.encode())], skipped=[], language="english"
    )

    assert [(draft.title, draft.body) for draft in report.created] == [(title, body)]


@pytest.mark.parametrize("line", ["# " + "[" * 100_000, "# a" + " " * 100_000 + "b"])
def test_an_odd_heading_does_not_stop_the_import(world, line: str) -> None:
    began = monotonic()

    take(workspace=world.workspace, files=[File("odd.md", line.encode() + b"\nText.")], skipped=[], language="english")

    assert monotonic() - began < 2


GOOD = {"good.md": "# Good\n\nText."}


def linked() -> bytes:
    memory = io.BytesIO(zipped(GOOD))
    with zipfile.ZipFile(memory, "a") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return memory.getvalue()


def encrypted() -> bytes:
    """With the flag of encryption set in both headers."""
    content = bytearray(zipped(GOOD))
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    return bytes(content)


def claiming(size: int) -> bytes:
    """A zip of 60 MB whose directory says that its file has this size."""
    content = bytearray(zipped(GOOD | {"bomb.md": b"x" * 60 * MEGABYTE}))
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", size)
    return bytes(content)


def with_good(name: str, content: bytes | str = "# Bad\n\nText.") -> bytes:
    return zipped(GOOD | {name: content})


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: with_good("../up.md"), "leads out of the zip", id="climbs"),
        pytest.param(lambda: with_good("a/../../up.md"), "leads out of the zip", id="climbs-later"),
        pytest.param(lambda: with_good("a\\..\\up.md"), "leads out of the zip", id="climbs-on-windows"),
        pytest.param(lambda: with_good("/etc/up.md"), "leads out of the zip", id="absolute"),
        pytest.param(lambda: with_good("C:\\up.md"), "leads out of the zip", id="drive"),
        pytest.param(lambda: with_good("../logo.png"), "leads out of the zip", id="climbs-without-being-an-article"),
        pytest.param(linked, "is a link", id="link"),
        pytest.param(encrypted, "encrypted", id="encrypted"),
        pytest.param(
            lambda: zipped(GOOD | {f"{number}.md": "" for number in range(10_000)}), "at most 1,000", id="10,000-files"
        ),
        pytest.param(
            lambda: zipped(GOOD | {f"{number}.md": b"x" * 2 * MEGABYTE for number in range(30)}),
            "larger than 50 MB",
            id="60-MB",
        ),
        pytest.param(lambda: claiming(1024 * MEGABYTE), "larger than 50 MB", id="1-GB"),
        pytest.param(lambda: claiming(1000), "damaged", id="a-bomb-that-claims-to-be-small"),
        pytest.param(lambda: with_good("latin.md", "# Größe".encode("latin-1")), "not in UTF-8", id="latin-1"),
        pytest.param(lambda: with_good("nul.md", b"# A\n\n\0"), "not a text file", id="nul"),
        pytest.param(lambda: zipped(GOOD, zipfile.ZIP_BZIP2), "rare way", id="bzip2"),
        pytest.param(lambda: zipped(GOOD)[:-30], "damaged", id="cut-off"),
        pytest.param(lambda: b"no zip at all", "damaged", id="no-zip"),
        pytest.param(lambda: zipped({"logo.png": "x"}), "no Markdown file", id="no-markdown"),
        pytest.param(lambda: zipped({}), "no Markdown file", id="nothing"),
        pytest.param(lambda: zipped({"empty.md": ""}), "no Markdown file", id="only-empty"),
    ],
)
def test_what_refuses_the_whole_import(client, world, make, reason: str) -> None:
    content = make()
    assert len(content) < 5 * MEGABYTE

    response = send_zip(client, world, content)

    assert reason in response.content.decode()
    assert titles(world) == set()
    assert not AuditEntry.objects.filter(action="articles.import").exists()


def test_the_same_zip_without_the_fault_is_taken(client, world) -> None:
    send_zip(client, world, GOOD)

    assert titles(world) == {"Good"}


def test_the_size_is_counted_again_while_reading(monkeypatch) -> None:
    monkeypatch.setattr("integrations.article_import._check", lambda entries: None)

    with pytest.raises(ImportRefused, match="larger than 50 MB"):
        from_zip(zipped({"bomb.md": b"x" * 51 * MEGABYTE}))


def pages(number: int, content: bytes = b"# x") -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{index}.md", content) for index in range(number)]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: pages(1, b"x" * (5 * MEGABYTE + 1)), "0.md is larger than 5 MB", id="one"),
        pytest.param(lambda: pages(13, b"x" * 4 * MEGABYTE), "larger than 50 MB together", id="sum"),
        pytest.param(lambda: pages(1_001), "More than 1,000 files", id="1,001"),
        pytest.param(lambda: pages(10_000), "More than 1,000 files", id="10,000"),
        pytest.param(lambda: [*pages(1), SimpleUploadedFile("b.md", b"\xff")], "not in UTF-8", id="encoding"),
    ],
)
def test_uploads_beyond_the_limits_are_refused(client, world, make, reason: str) -> None:
    response = send(client, world, *make())

    assert response.status_code == 200
    assert reason in response.content.decode()
    assert titles(world) == set()


def test_nothing_chosen(client, world) -> None:
    response = send(client, world)

    assert "Choose a zip, files or a folder first." in response.content.decode()


def test_the_form_needs_its_token(world) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.owner)

    response = strict.post(
        url(world), {"uploads": [SimpleUploadedFile("a.md", b"# A\n\nText.")], "language": "english"}
    )

    assert response.status_code == 403
    assert titles(world) == set()


def test_other_pages_take_no_files(client, world) -> None:
    client.force_login(world.owner)
    create = reverse("integrations:create-article", args=[world.workspace.slug])

    response = client.post(
        create, {"title": "A", "body": "Text.", "language": "english", "x": SimpleUploadedFile("x", b"x")}
    )

    assert response.status_code == 302
    assert titles(world) == {"A"}


def test_who_may_import(client, world) -> None:
    client.force_login(world.stranger)
    assert client.get(url(world)).status_code == 404
    client.force_login(world.agent)
    assert client.get(url(world)).status_code == 403
    assert client.post(url(world), {}).status_code == 403
    client.logout()
    assert reverse("account_login") in client.get(url(world)).url
