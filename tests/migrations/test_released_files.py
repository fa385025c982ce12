"""A released SQL file never changes: databases have run it."""

import hashlib

from tests.ground.servers import ROOT

RELEASED = ROOT / "tests" / "migrations" / "released.txt"


def test_every_sql_file_says_what_it_said_when_it_was_released():
    told = dict(line.split() for line in RELEASED.read_text().splitlines())

    found = {str(path.relative_to(ROOT)): digest(path) for path in ROOT.glob("*/sql/*.sql")}

    assert found == told, "Change a function in a new file with the next number, and add its line to released.txt."


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
