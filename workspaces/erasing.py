"""A workspace ends, and all that it held."""

from django.apps import apps
from django.db import connection

from workspaces.models import Workspace
from workspaces.tenancy import TenantModel
from workspaces.verbs import Actor, record_in_server_log, verb


@verb
def erase(*, workspace: Workspace, by: Actor) -> None:
    """Deletes the workspace and all that is the tenant's, its audit log included; the server's log remembers.

    One statement a table, whatever their number of rows. The order does not matter, as every foreign key is checked at
    the end of the transaction.
    """
    workspace.memberships.all().delete()  # row by row, so that listeners hear that these people's access has ended
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [workspace.pk])
        cursor.execute("DELETE FROM workspaces_workspace WHERE id = %s", [workspace.pk])
    record_in_server_log("Workspace %s (%s) was deleted by user %s.", workspace.slug, workspace.pk, by.user.pk)
