"""Pages gate, read forms, call verbs and answer: what people change is changed by a verb, which is told by whom."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("workspaces", "integrations", "conversations")
CHANGING = {
    "save", "delete", "update", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "select_for_update", "atomic", "record",
}  # fmt: skip


def sources(pattern: str) -> list[Path]:
    found = sorted(path for app in APPS for path in (settings.BASE_DIR / app).glob(pattern))
    assert found
    return found


def named(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def changes(source: str) -> list[str]:
    """What a page changes by itself. A call that says ``by`` whom is a verb's."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and "by" not in {keyword.arg for keyword in node.keywords}:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [ast.unparse(node)] if called in CHANGING else []
        elif isinstance(node, ast.ImportFrom) and {name.name for name in node.names} & {"transaction", "AuditEntry"}:
            found.append(ast.unparse(node))
    return found


def verbs(source: str) -> list[ast.FunctionDef]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if "verb" in {ast.unparse(decorator) for decorator in node.decorator_list}]


def takes_by(function: ast.FunctionDef) -> bool:
    return "by: Actor" in {ast.unparse(argument) for argument in function.args.kwonlyargs}


@pytest.mark.parametrize("page", [page for page in sources("pages/*.py") if page.stem != "audit_log"], ids=named)
def test_a_page_changes_nothing_by_itself(page: Path) -> None:
    assert changes(page.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "form.save()",
        "article.delete()",
        "Article.objects.filter(pk=1).update(title='')",
        "Article.objects.create(workspace=workspace)",
        "AuditEntry.objects.record(workspace=workspace)",
        "from django.db import transaction",
    ],
)
def test_one_that_did_would_be_found(line: str) -> None:
    assert changes("articles.delete(article=article, by=request.by)") == []

    assert changes(f"def page():\n    {line}") == [line]


@pytest.mark.parametrize("path", sources("**/*.py"), ids=named)
def test_every_verb_is_told_who_acts(path: Path) -> None:
    assert [function.name for function in verbs(path.read_text()) if not takes_by(function)] == []


def test_one_that_is_not_told_would_be_found() -> None:
    (told, untold) = verbs("@verb\ndef one(*, by: Actor): ...\n@verb\ndef other(*, to: str): ...\ndef third(): ...")

    assert takes_by(told) and not takes_by(untold)


def test_entries_are_written_in_one_place() -> None:
    writers = [named(path) for path in sources("**/*.py") if "AuditEntry.objects.record" in path.read_text()]

    assert writers == ["workspaces/verbs.py"]
