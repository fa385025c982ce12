"""What stands where, and who may import whom: `make check` asks each contract; here each one is made to fail."""

import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = [path for path in (ROOT / "conversations").rglob("*.py") if "migrations" not in path.parts]
OF_EVERY_APP = {"__init__.py", "__pycache__", "admin.py", "apps.py", "migrations", "templatetags", "urls.py"}

FORBIDDEN_IMPORTS = {
    "Imports point one way: conversations → integrations → workspaces": [
        ("workspaces.models", "integrations.models"),
        ("integrations.models", "conversations.models"),
    ],
    "lumika wires the apps; they import nothing of it": [("conversations.store", "lumika.settings")],
    "Inside conversations: desk, api → making, deciding → store → models": [
        ("conversations.api", "conversations.desk"),
        ("conversations.desk", "conversations.api"),
        ("conversations.making", "conversations.api"),
        ("conversations.deciding", "conversations.making"),
        ("conversations.store", "conversations.deciding"),
        ("conversations.models", "conversations.store"),
    ],
    "No provider SDK is ever imported": [
        ("integrations.responders", "anthropic"),
        ("integrations.responders", "openai"),
    ],
}


ASKED = [(name, *forbidden) for name, imports in FORBIDDEN_IMPORTS.items() for forbidden in imports]


def test_every_contract_is_kept_and_breaks_with_each_import_that_it_forbids():
    """In a process of its own (tests/ground/contracts.py)."""
    command = [sys.executable, "-m", "tests.ground.contracts"]

    asked = subprocess.run(command, cwd=ROOT, input=json.dumps(ASKED), capture_output=True, text=True, check=True)

    found = json.loads(asked.stdout)
    assert found["kept"] == dict.fromkeys(FORBIDDEN_IMPORTS, True)
    assert dict(zip(ASKED, found["kept_with"], strict=True)) == dict.fromkeys(ASKED, False)


def test_conversations_is_understood_from_its_list_of_names():
    names = {path.name for path in (ROOT / "conversations").iterdir()} - OF_EVERY_APP

    assert len(names) <= 10, sorted(names)


def test_the_modules_of_conversations_are_short():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    long = {path: length for path, length in lengths.items() if length > 250}

    assert not long, "split what has a second subject"
    assert statistics.median(length for length in lengths.values() if length) <= 65
