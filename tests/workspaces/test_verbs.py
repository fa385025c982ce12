"""No verb leaves no trace."""

import pytest

from workspaces.models import AuditEntry, Workspace
from workspaces.verbs import Untraced, nothing_changed, record, verb


@verb
def rename(*, workspace, to, by):
    if to == workspace.name:
        nothing_changed()
        return
    Workspace.objects.filter(pk=workspace.pk).update(name=to)
    record("workspace.rename", workspace, workspace=workspace, by=by, to=to)


@verb
def rename_in_silence(*, workspace, to):
    Workspace.objects.filter(pk=workspace.pk).update(name=to)


@verb
def rename_twice(*, workspace, by):
    rename(workspace=workspace, to="First", by=by)
    rename(workspace=workspace, to="Second", by=by)


def test_a_verb_is_carried_out_with_its_entry(world, by):
    rename(workspace=world.workspace, to="Shop", by=by)

    world.workspace.refresh_from_db()
    assert world.workspace.name == "Shop"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.ip, entry.detail) == (
        world.owner, "workspace.rename", "192.0.2.7", {"to": "Shop"},
    )  # fmt: skip


def test_one_that_finds_all_as_it_should_be_says_so(world, by):
    rename(workspace=world.workspace, to=world.workspace.name, by=by)

    assert not AuditEntry.objects.exists()


def test_one_that_changes_something_in_silence_is_undone(world):
    with pytest.raises(Untraced, match="rename_in_silence"):
        rename_in_silence(workspace=world.workspace, to="Shop")

    world.workspace.refresh_from_db()
    assert world.workspace.name == "Home"


def test_the_traces_of_verbs_within_a_verb_are_its_own(world, by):
    rename_twice(workspace=world.workspace, by=by)

    assert AuditEntry.objects.count() == 2


def test_nothing_is_recorded_outside_of_a_verb(world, by):
    with pytest.raises(Untraced):
        record("workspace.rename", world.workspace, workspace=world.workspace, by=by)
