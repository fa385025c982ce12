"""Markdown files that become articles: what a zip or a folder holds, and one transaction that takes all of it.

Whatever looks like an attack or cannot be read refuses the whole import, before anything is written. Files that are
simply no articles are skipped, with the reason.
"""

import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils import timezone

from integrations.comments import OPENING, without_comments
from integrations.models import Article
from integrations.responders.passages import FENCE, heading_of
from workspaces.models import Workspace
from workspaces.refusals import Refused
from workspaces.verbs import Actor, record, verb

SUFFIXES = (".md", ".markdown")
MOST_FILES = 1_000
MOST_BYTES_OF_A_FILE = 5 * 1024 * 1024
MOST_BYTES = 50 * 1024 * 1024
LONGEST_BODY = 200_000
BATCH = 25  # a statement stays within the time that pages have, with the longest bodies too
LONGEST_TITLE = 200
LONGEST_HEADING = 2_000  # with its marks; LINK takes long for what never closes

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
MARKS = re.compile(r"[*`]+")


class ImportRefused(Refused):
    """Nothing was imported."""


class File(NamedTuple):
    name: str
    content: bytes


class Skipped(NamedTuple):
    name: str
    reason: str


class Draft(NamedTuple):
    """An article as a file has it."""

    name: str
    title: str
    body: str


class Report(NamedTuple):
    created: list[Draft]
    updated: list[Draft]
    skipped: list[Skipped]


def from_zip(content: bytes) -> tuple[list[File], list[Skipped]]:
    """The Markdown files of a zip archive. Raises ``ImportRefused``."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            wanted = [entry for entry in entries if _is_markdown(entry.filename)]
            others = [Skipped(entry.filename, "not Markdown") for entry in entries if not _is_markdown(entry.filename)]
            return list(_unpacked(archive, wanted)), others
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise ImportRefused("This zip file is damaged, or not a zip file at all. Make a new one.") from error


@verb
def take(*, workspace: Workspace, files: Iterable[File], skipped: list[Skipped], language: str, by: Actor) -> Report:
    """Imports the files: all of them or, with ``ImportRefused``, none. An article of the same title is updated."""
    drafts, more_skipped = _drafts(files)
    if not drafts:
        raise ImportRefused("There is no Markdown file in it that could become an article (.md or .markdown).")
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # of two imports, one after the other
    report = _write(workspace, drafts, [*skipped, *more_skipped], language)
    counts = {name: len(entries) for name, entries in report._asdict().items()}
    record("articles.import", workspace, workspace=workspace, by=by, **counts)
    return report


def _check(entries: list[ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise ImportRefused(f"The zip holds {len(entries):,} files; at most {MOST_FILES:,} are allowed.")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ImportRefused(f"Unpacked, the zip is larger than {MOST_BYTES // 1024**2} MB.")
    for entry in entries:
        _check_path(entry.orig_filename)
        if entry.flag_bits & 0x1:
            raise ImportRefused("The zip is encrypted. Make one without a password.")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ImportRefused(f"{_shown(entry.filename)} is a link, not a file. Put the files themselves in the zip.")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others unpack in bursts that nothing bounds
            raise ImportRefused("The zip is packed in a rare way. Make one with the usual compression (deflate).")


def _check_path(path: str) -> None:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if "\0" in path or ".." in parts or path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        raise ImportRefused(f"The path {_shown(path)} leads out of the zip. Make the zip again from a folder.")


def _unpacked(archive: ZipFile, entries: list[ZipInfo]) -> Iterator[File]:
    """The sizes that the directory claims are counted again while reading."""
    left = MOST_BYTES
    for entry in entries:
        with archive.open(entry) as source:
            content = source.read(left + 1)
        left -= len(content)
        if left < 0:
            raise ImportRefused(f"Unpacked, the zip is larger than {MOST_BYTES // 1024**2} MB.")
        yield File(entry.filename, content)


def _is_markdown(name: str) -> bool:
    """By its name; copies that systems hide in archives are none."""
    parts = PurePosixPath(name).parts
    return name.lower().endswith(SUFFIXES) and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _drafts(files: Iterable[File]) -> tuple[list[Draft], list[Skipped]]:
    drafts: dict[str, Draft] = {}
    skipped: list[Skipped] = []
    for file in files:
        draft = _draft(file)
        if not draft.body:
            skipped.append(Skipped(file.name, "empty"))
        elif len(draft.body) > LONGEST_BODY:
            skipped.append(Skipped(file.name, f"longer than {LONGEST_BODY:,} characters; split it"))
        elif draft.title in drafts:
            skipped.append(Skipped(file.name, f"same title as {drafts[draft.title].name}: {draft.title}"))
        else:
            drafts[draft.title] = draft
    return list(drafts.values()), skipped


def _draft(file: File) -> Draft:
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused(f"{_shown(file.name)} is not in UTF-8. Save it in that encoding.") from None
    if "\0" in text:
        raise ImportRefused(f"{_shown(file.name)} is not a text file.")
    text = FRONT_MATTER.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    heading, _ = _heading(without_comments(text).strip())
    _, body = _heading(text) if OPENING not in text.partition("\n")[0] else ("", text)
    title = heading or PurePosixPath(file.name).stem.replace("-", " ").replace("_", " ").strip().capitalize()
    return Draft(file.name, title[:LONGEST_TITLE] or "Untitled", body)


def _heading(text: str) -> tuple[str, str]:
    """The words of the first heading, and the body, without that heading where it stands on top."""
    fence = ""
    for number, line in enumerate(lines := text.split("\n")):
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif opening := FENCE.match(line):
            fence = opening.group(1)
        elif words := _plain((heading_of(line) or "")[:LONGEST_HEADING]):
            return words, "\n".join(lines[1:]).strip() if number == 0 else text
    return "", text


def _plain(markdown: str) -> str:
    return " ".join(MARKS.sub("", LINK.sub(r"\1", markdown)).split())


def _write(workspace: Workspace, drafts: list[Draft], skipped: list[Skipped], language: str) -> Report:
    titles = [draft.title for draft in drafts]
    known = {
        article.title: article
        for article in Article.objects.filter(workspace=workspace, title__in=titles).without_text().order_by("-pk")
    }
    updated = [draft for draft in drafts if draft.title in known]
    created = [draft for draft in drafts if draft.title not in known]
    for draft in updated:
        article = known[draft.title]
        article.body, article.language, article.updated_at = draft.body, language, timezone.now()
    Article.objects.bulk_update(known.values(), ["body", "language", "updated_at"], batch_size=BATCH)
    Article.objects.bulk_create(
        [Article(workspace=workspace, title=draft.title, body=draft.body, language=language) for draft in created],
        batch_size=BATCH,
    )
    return Report(created, updated, skipped)


def _shown(name: str) -> str:
    printable = "".join(character if character.isprintable() else "?" for character in name)
    return f"“{printable[:100]}”"
