"""Asks the database whether anything was lost, doubled or broken (sql/invariants.sql)."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Breach:
    kind: str
    """``lost``, ``twice`` or ``broken``."""
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: not true that {self.rule}: {self.what}"


async def breaches(database_url: str) -> list[Breach]:
    """None of them, if all is well. Ask when no reply is being made any more."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute((SQL / "invariants.sql").read_bytes())
        return [Breach(*row) for row in await cursor.fetchall()]


def install_records(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute((SQL / "records.sql").read_bytes())
