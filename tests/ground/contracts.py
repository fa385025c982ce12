"""`python -m tests.ground.contracts`: which of the import contracts hold, with one more import each.

A process of its own: libraries that tests load add attributes to all classes, at which import-linter stumbles.
Takes a JSON list of [contract, importer, imported], and prints whether each contract is kept, as JSON.
"""

import json
import sys
from copy import deepcopy
from pathlib import Path

import grimp
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

CONFIGURATION = read_configuration(str(Path(__file__).parents[2] / "pyproject.toml"))
CONTRACTS = {options["name"]: options for options in CONFIGURATION["contracts_options"]}
KINDS = {"layers": LayersContract, "forbidden": ForbiddenContract}


def is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    options = CONTRACTS[name]
    contract = KINDS[options["type"]](name, CONFIGURATION["session_options"], options)
    return contract.check(deepcopy(graph), verbose=False).kept


def with_import(graph: grimp.ImportGraph, importer: str, imported: str) -> grimp.ImportGraph:
    changed = deepcopy(graph)
    if imported not in changed.modules:
        changed.add_module(imported, is_squashed=True)
    changed.add_import(importer=importer, imported=imported)
    return changed


def main() -> None:
    packages = CONFIGURATION["session_options"]["root_packages"]
    graph = grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)
    asked = json.load(sys.stdin)
    kept = {name: is_kept(name, graph) for name in CONTRACTS}
    kept_with = [is_kept(name, with_import(graph, importer, imported)) for name, importer, imported in asked]
    print(json.dumps({"kept": kept, "kept_with": kept_with}))


if __name__ == "__main__":
    main()
