"""The lock files hold for every Python that the README names, and say nothing of where packages come from."""

import re
from collections.abc import Iterator
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
BASE, DEV = "requirements/base", "requirements/dev"
LOCKS = [BASE, DEV, "benchmarks/requirements"]
PYTHONS = ["3.11.0", "3.11.2", "3.11.3", "3.12.1", "3.13.0", "3.14.0"]
SYSTEMS = {"linux": "Linux", "darwin": "Darwin"}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", [BASE, DEV])
def test_all_that_a_package_requires_is_locked_for_every_python(lock: str, python: str, system: str) -> None:
    environment = environment_of(python, system)
    locked = {canonicalize_name(each.name): each for each in lines(f"{lock}.txt") if applies(each, environment)}
    waiting, seen = [("requirements/*.in", each) for each in lines(f"{lock}.in")], set()
    assert waiting

    while waiting:
        who, wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        assert name in locked, f"{who} wants {wanted}, which is not locked for Python {python} on {system}"
        pinned = str(locked[name].specifier).removeprefix("==")
        assert wanted.specifier.contains(pinned, prereleases=True), f"{who} wants {wanted}, and {pinned} is locked"
        for extra in {"", *wanted.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, extra))
            waiting += [(name, each) for each in needed_by(name, pinned) if applies(each, environment, extra)]


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_asked_for_is_locked(lock: str) -> None:
    asked = {canonicalize_name(each.name) for each in lines(f"{lock}.in")}
    assert len(asked) > 20

    assert asked <= {canonicalize_name(each.name) for each in lines(f"{lock}.txt")}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / f"{lock}.txt").read_text()
    packages = re.findall(r"^\S.*?==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(packages) > 50

    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def environment_of(python: str, system: str) -> dict[str, str]:
    """What markers see, with CPython."""
    known = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "implementation_version": python,
    }
    return {**default_environment(), **known, "sys_platform": system, "platform_system": SYSTEMS[system]}


def applies(wanted: Requirement, environment: dict[str, str], extra: str = "") -> bool:
    if wanted.marker is None:
        return extra == ""
    if extra:
        without = wanted.marker.evaluate({**environment, "extra": ""})
        return not without and wanted.marker.evaluate({**environment, "extra": extra})
    return wanted.marker.evaluate({**environment, "extra": ""})


def needed_by(name: str, pinned: str) -> list[Requirement]:
    """As the installed package says; what is for another Python or system is not installed here."""
    try:
        installed = version(name)
    except ModuleNotFoundError:
        return []
    assert installed == pinned
    return [Requirement(each) for each in requires(name) or []]


def lines(path: str) -> Iterator[Requirement]:
    """The requirements in a file and in those that it includes."""
    for line in (ROOT / path).read_text().splitlines():
        if line.startswith("-r "):
            yield from lines(str((ROOT / path).parent.joinpath(line[3:]).resolve().relative_to(ROOT)))
        elif line and line[0].isalnum():
            yield Requirement(line.removesuffix(" \\"))
