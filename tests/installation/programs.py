"""A PATH of scripts that stand in for programs."""

import shutil
from pathlib import Path


class Programs:
    """A folder that is the whole PATH: nothing but what is put into it is found."""

    def __init__(self, folder: Path, *real: str) -> None:
        folder.mkdir()
        self.path = str(folder)
        self._folder = folder
        for name in real:
            (folder / name).symlink_to(shutil.which(name))

    def add(self, name: str, script: str = "exit 0") -> Path:
        program = self._folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program
