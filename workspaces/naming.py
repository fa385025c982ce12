"""What a workspace is called, and a person."""

from workspaces.models import User, Workspace
from workspaces.verbs import Actor, nothing_changed, record, record_in_server_log, verb


@verb
def rename_workspace(*, workspace: Workspace, to: str, by: Actor) -> None:
    """Another name; the slug stays, so that no address changes."""
    current = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    if to == current.name:
        nothing_changed()
        return
    before, current.name = current.name, to
    current.save(update_fields=["name"])
    record("workspace.rename", current, workspace=current, by=by, **{"from": before, "to": to})


@verb
def rename_oneself(*, to: str, by: Actor) -> None:
    """How all of the person's teams see what they do."""
    if not User.objects.filter(pk=by.user.pk).exclude(name=to).update(name=to):
        nothing_changed()
        return
    record_in_server_log("User %s has another name now.", by.user.pk)
