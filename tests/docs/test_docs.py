"""What the documents say about names in the code, and about each other, is checked against them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("lumika", "workspaces", "integrations", "conversations")
READERS = {
    "get", "getenv", "text", "listed", "whole_number", "switch",
    "site", "hosts", "database", "redis", "mail_server", "signing_key", "encryption_keys", "sender",
}  # fmt: skip
OWNERS = {"", "os", "os.environ", "environment", "addresses", "secrets"}
NOT_SETTINGS = {"DJANGO_SETTINGS_MODULE"}
READ_BY_LIBPQ = {"PGOPTIONS"}
CODE_SOURCES = [
    *sorted(path for folder in ("api", "making", "store") for path in (ROOT / "conversations" / folder).glob("*.py")),
    ROOT / "integrations" / "tokens.py",
    ROOT / "integrations" / "responders" / "base.py",
    ROOT / "lumika" / "handler.py",
    ROOT / "lumika" / "bodies.py",
]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
_EXAMPLE_LINE = re.compile(r"(?:# )?([A-Z][A-Z0-9_]+)=.*")
_ERROR_CODE = re.compile(r"[a-z]+(?:_[a-z]+)*")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_STATUS_ROW = re.compile(r"^\| (\d{3}) \| `([a-z_]+)` \|", re.MULTILINE)
_FILE = re.compile(r"`((?:lumika|workspaces|integrations|conversations|templates|tests)/[\w/]*(?:\.\w+)?)`")
_IN_FILE = re.compile(r"((?:`\w[\w-]*`(?:,| and) )*`\w[\w-]*`) in `([a-z]+/[\w/]*(?:\.\w+)?)`")
_NAME = re.compile(r"`([\w-]+)`")
_DRAWN_LINE = re.compile(r"^([│ ]*)[├└]─ (.*?)(?: {2,}.*)?$")
_STREAM_ROW = re.compile(r"^\| `([a-z_]+)` \| (true|false) \|", re.MULTILINE)


def test_the_env_example_names_every_variable_that_is_read() -> None:
    assert variables_read() | READ_BY_LIBPQ == set(example_variables())


def test_the_env_example_names_each_variable_once_and_explains_it() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = example_variables()

    assert len(names) == len(set(names))
    for number, line in enumerate(lines):
        if _EXAMPLE_LINE.fullmatch(line):
            above = lines[number - 1]
            assert above.startswith("# "), f"{line} has no comment"
            assert not _EXAMPLE_LINE.fullmatch(above), f"{line} has no comment"


def test_the_env_example_changes_nothing_when_it_is_copied() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert all(line.startswith("#") or not line for line in lines)


def test_the_reference_names_every_error_code() -> None:
    found = error_codes()
    assert {"invalid_token", "invalid_signature", "unknown_cursor", "uri_too_long", "responder_timeout"} <= found

    missing = {code for code in found if f"`{code}`" not in errors_section()}

    assert not missing


def test_the_reference_names_no_error_code_that_does_not_exist() -> None:
    section = errors_section()
    listed = {code for _, code in _STATUS_ROW.findall(section)} | {code for code, _ in _STREAM_ROW.findall(section)}
    assert "origin_not_allowed" in listed

    assert listed <= error_codes()


def test_every_sample_for_pages_survives_an_event_that_is_broken() -> None:
    samples = [*DOCUMENTS, *sorted((ROOT / "templates/integrations/snippets").glob("*.txt"))]
    parsing = [line for path in samples for line in path.read_text().splitlines() if "JSON.parse(data" in line]
    assert len(parsing) >= 4

    assert [line for line in parsing if not re.search(r"try \{.*JSON\.parse\(.*\} catch", line)] == []


def test_the_reference_gives_each_error_its_status() -> None:
    listed = {code: int(status) for status, code in _STATUS_ROW.findall(errors_section())}
    raised = dict(statuses())
    assert raised["key_reused"] == 422

    assert {code: listed.get(code) for code in raised} == raised


def test_the_reference_says_which_stream_errors_are_retryable() -> None:
    from integrations.responders import base

    listed = {code: answer == "true" for code, answer in _STREAM_ROW.findall(errors_section())}
    family = [base.ResponderError, *base.ResponderError.__subclasses__()]

    assert {kind.code: kind.retryable for kind in family}.items() <= listed.items()


@pytest.mark.parametrize("number", range(1, 9))
def test_the_reference_has_the_sections_that_the_code_cites(number: int) -> None:
    assert re.search(rf"^## {number}\. ", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for link in _LINK.findall(document.read_text()):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document

        assert target.exists(), f"{link} does not exist"
        if anchor:
            assert anchor in anchors(target), f"{link} names no heading"


def test_the_readme_fits_a_screen_and_links_the_documents() -> None:
    readme = (ROOT / "README.md").read_text()

    assert len(readme.splitlines()) <= 60
    assert {"docs/quick-start.md", "docs/api.md", "docs/architecture.md", "docs/deployment.md"} <= set(
        _LINK.findall(readme)
    )


def test_every_file_that_the_architecture_names_exists() -> None:
    named = set(_FILE.findall(architecture()))
    assert {"conversations/store/", "templates/404.html"} <= named

    assert not {path for path in named if not (ROOT / path).exists()}


def test_the_architecture_draws_the_folders_as_they_are() -> None:
    drawn = list(drawn_folders())
    assert (Path("conversations"), "making/") in drawn

    assert [f"{folder}/{name}" for folder, name in drawn if not (ROOT / folder / name).exists()] == []


def test_what_the_architecture_says_is_in_a_file_is_there() -> None:
    named = [(name, path) for names, path in _IN_FILE.findall(architecture()) for name in _NAME.findall(names)]
    assert ("waiting", "conversations/desk/approvals/queue.py") in named

    assert [(name, path) for name, path in named if not re.search(rf"\b{name}\b", source_of(ROOT / path))] == []


def architecture() -> str:
    return (ROOT / "docs" / "architecture.md").read_text()


def drawn_folders() -> Iterator[tuple[Path, str]]:
    """Each folder or file of the drawing, and the folder that it is drawn in."""
    drawing = re.search(r"^```\n(lumika/ .*?)```", architecture(), re.DOTALL | re.MULTILINE)
    assert drawing
    top = inner = Path()
    for line in drawing[1].splitlines():
        found = _DRAWN_LINE.match(line)
        if found is None:
            top = Path(line.partition("/")[0])
            continue
        folder = inner if found[1] else top
        names = found[2].split()
        yield from ((folder, name) for name in names)
        if not found[1]:
            inner = top / names[0]


def source_of(path: Path) -> str:
    """Of a file, or of all in a folder."""
    return path.read_text() if path.is_file() else "".join(one.read_text() for one in path.iterdir() if one.is_file())


def example_variables() -> list[str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [match.group(1) for line in lines if (match := _EXAMPLE_LINE.fullmatch(line))]


def variables_read() -> set[str]:
    """Names that `os.environ`, or the readers of lumika/environment are asked for."""
    names: set[str] = set()
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and asks_environment(node.func) and node.args:
                names.update(constant(node.args[0]))
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                names.update(constant(node.slice))
    return {name for name in names if _VARIABLE.fullmatch(name)} - NOT_SETTINGS


def asks_environment(function: ast.expr) -> bool:
    owner, _, name = ast.unparse(function).rpartition(".")
    return name in READERS and owner in OWNERS


def product_files() -> Iterator[Path]:
    yield ROOT / "manage.py"
    for package in PRODUCT:
        yield from (ROOT / package).rglob("*.py")


def error_codes() -> set[str]:
    """Codes of errors: arguments of ApiError and its makers, `code` of error classes, and that of a Failure."""
    codes = {code for code, _ in statuses()}
    for tree in code_sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                codes.update(
                    code for keyword in node.keywords if keyword.arg == "code" for code in constant(keyword.value)
                )
                if ast.unparse(node.func) in {"_unauthorized", "Failure"} and node.args:
                    codes.update(constant(node.args[0]))
            elif isinstance(node, ast.FunctionDef):
                codes.update(defaults_of(node, "code"))
            elif isinstance(node, ast.ClassDef):
                codes.update(code for line in node.body if is_code(line) for code in constant(line.value))
    return {code for code in codes if _ERROR_CODE.fullmatch(code)}


def statuses() -> Iterator[tuple[str, int]]:
    """(code, HTTP status) of calls such as `ApiError(422, "key_reused", …)`."""
    for tree in code_sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) >= 2 and isinstance(node.args[0], ast.Constant):
                status = node.args[0].value
                if isinstance(status, int) and 400 <= status < 600:
                    yield from ((code, status) for code in constant(node.args[1]))


def code_sources() -> Iterator[ast.Module]:
    for path in CODE_SOURCES:
        yield ast.parse(path.read_text())


def defaults_of(function: ast.FunctionDef, name: str) -> list[str]:
    given = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return [code for argument, default in given if argument.arg == name and default for code in constant(default)]


def is_code(line: ast.stmt) -> bool:
    return isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"


def constant(node: ast.expr) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def errors_section() -> str:
    text = (ROOT / "docs" / "api.md").read_text()
    return text[text.index("\n## 7. ") : text.index("\n## 8. ")]


def anchors(document: Path) -> set[str]:
    headings = _HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_proxy_of_the_samples_says_whose_request_it_is() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text()
    nginx, caddy = re.findall(r"```(?:nginx|caddyfile)\n(.*?)```", text, re.DOTALL)
    locations = re.findall(r"location [^{]*\{(.*?)\n    \}", nginx, re.DOTALL)
    assert len(locations) == 3

    assert all("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in location for location in locations)
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "LUMIKA_TRUSTED_PROXIES=1" in text
