"""Where worlds come from: a PostgreSQL of the harness's own, with a template for the database of each world."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from lumika.embedded_postgres import locks
from tests.faults import invariants
from tests.faults.postgres import Postgres
from tests.faults.provider import VariedProvider
from tests.faults.world import LEASE_SECONDS, World
from tests.ground.servers import ROOT


def shared_directory() -> Path:
    """Of all test processes of this user and this source tree."""
    tree = hashlib.sha256(bytes(ROOT)).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"lumika-faults-{os.getuid()}-{tree}"


class Ground:
    """A PostgreSQL and, in it, the template that each world's database is copied from."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.postgres = Postgres(directory)
        self.template = f"faults_{_fingerprint()}"
        self.tokens = self._prepare()
        self._sweep()

    @asynccontextmanager
    async def world(self, name: str, *, seed: int, **provider: Any) -> AsyncIterator["World"]:
        """A fresh one; its processes are gone afterwards."""
        database = f"faults_{name}_{os.getpid()}"
        await asyncio.to_thread(self.postgres.create, database, template=self.template)
        random = Random(f"{seed} {name}")
        with VariedProvider(random, **provider) as model:
            world = World(self, name, database, random, model)
            try:
                await world.execute("UPDATE integrations_responder SET base_url = %s", model.base_url)
                yield world
            finally:
                for server in world.servers:
                    server.kill()
        await asyncio.to_thread(self.postgres.drop, database)
        if not world.breaches:
            for server in world.servers:
                server.forget()

    def _prepare(self) -> dict[str, str]:
        """Makes the template unless an earlier run did; the tokens of its accounts."""
        kept = self.directory / f"{self.template}.json"
        with locks.exclusive(self.directory / "template.lock"):
            if not (kept.exists() and self.template in self.postgres.databases(self.template)):
                self.postgres.create(self.template)
                url = self.postgres.url(self.template)
                kept.write_text(_run("tests.faults.set_up", self.environment(url)))
                invariants.install_records(url)
        return json.loads(kept.read_text())

    def _sweep(self) -> None:
        """Drops what processes left that were killed, and templates of other versions."""
        for name in self.postgres.databases("faults_"):
            process = name.rpartition("_")[2]
            if name != self.template and not (process.isdecimal() and Path(f"/proc/{process}").exists()):
                self.postgres.drop(name)

    def environment(self, database_url: str) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url,
            "LUMIKA_DATA_DIR": str(self.directory),
            "LUMIKA_LEASE_SECONDS": str(LEASE_SECONDS),
            "LUMIKA_HOLD_SECONDS": "5",
            "PUBLIC_URL": "http://localhost:8000",
            "DEBUG": "on",
        }


def _fingerprint() -> str:
    """Of all that the template is made of."""
    digest = hashlib.sha256()
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/sql/*.sql"), *Path(__file__).parent.glob("s*/*.sql")]
    for path in [*sorted(sources), Path(__file__).with_name("set_up.py")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _run(module: str, environment: dict[str, str]) -> str:
    """The last line that a module of ours prints."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]
