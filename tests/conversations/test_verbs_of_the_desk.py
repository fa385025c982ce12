"""Whatever agents change is changed by a verb, and pages only call it. That each verb is told who acts is asked of all
apps in tests/workspaces/test_pages_and_verbs.py."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "conversations"
DESK = ROOT / "desk"
VERBS = sorted({*(ROOT / "deciding").glob("*.py"), *DESK.rglob("verbs.py")} - {ROOT / "deciding" / "transactions.py"})
NO_PAGES = {
    DESK / "live" / "presence.py": "who looks at what is forgotten after 45 seconds",
    DESK / "preferences" / "chosen.py": "how one person works is theirs alone",
}
PAGES = sorted(path for path in DESK.rglob("*.py") if path not in {*NO_PAGES, *VERBS})
CHANGES = {
    *("save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("atomic", "select_for_update", "record"),
}
"""What a page must not call. ``verbs.create`` and its like are verbs."""
LOOKING = "mark_read"
"""No verb: whoever looks leaves no entry."""

by_path = pytest.mark.parametrize("path", VERBS, ids=lambda path: str(path.relative_to(ROOT)))


def changes(tree):
    """What the code calls that changes something, or opens a transaction."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [name.id for name in called if isinstance(name, ast.Name)]
    of_others = [one for one in called if isinstance(one, ast.Attribute) and ast.unparse(one.value) != "verbs"]
    return CHANGES & {*named, *(one.attr for one in of_others)}


def functions(tree):
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def is_verb(function):
    return "verb" in {ast.unparse(decorator) for decorator in function.decorator_list}


def verbs(tree):
    return {name for name, function in functions(tree).items() if is_verb(function)}


def unrecorded(tree):
    """The public functions that change something, by themselves or by private ones, and are no verbs."""
    known = {name: one for name, one in functions(tree).items() if not is_verb(one)}
    found: set[str] = set()
    for _ in known:
        found = {name for name, one in known.items() if changes(one) or called_by_name(one) & found}
    return {name for name in found if not name.startswith("_")}


def called_by_name(function):
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {name.id for name in called if isinstance(name, ast.Name)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_changes_nothing_itself(path):
    assert changes(ast.parse(path.read_text())) == set()


@by_path
def test_what_changes_something_is_a_verb(path):
    assert unrecorded(ast.parse(path.read_text())) - {LOOKING} == set()


def test_there_are_pages_and_verbs():
    assert {path.name for path in PAGES} >= {"decisions.py", "handling.py", "pages.py"}
    assert len({name for path in VERBS for name in verbs(ast.parse(path.read_text()))}) >= 20
    assert all(changes(ast.parse(path.read_text())) for path in NO_PAGES)


@pytest.mark.parametrize(
    "line",
    [
        "note.save()",
        "Reply.objects.filter(pk=1).update(text='')",
        "saved.delete()",
        "record('note.leave', note)",
        "with transaction.atomic(): pass",
        "Note.objects.create()",
    ],
)
def test_a_page_that_changes_something_is_found(line):
    assert changes(ast.parse(f"def page(request):\n    {line}"))
    assert not changes(ast.parse("def page(request):\n    verbs.delete(saved=saved, by=request.by)"))


def test_a_change_without_a_trace_is_found():
    by_another = "def close(*, by): _become()\n\ndef _become(): _store()\n\ndef _store(): row.save()"

    assert unrecorded(ast.parse(by_another)) == {"close"}
    assert unrecorded(ast.parse(f"@verb\n{by_another}")) == set()
