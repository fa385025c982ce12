from pathlib import Path

from django.db import migrations

from workspaces.sql import sql_file
from workspaces.tenancy import same_workspace

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        same_workspace("integrations_integrationaccount", "responder_id", "integrations_responder"),
        same_workspace("integrations_integrationtoken", "account_id", "integrations_integrationaccount"),
        same_workspace("integrations_refusedorigin", "account_id", "integrations_integrationaccount"),
        same_workspace("integrations_requestrecord", "account_id", "integrations_integrationaccount"),
        sql_file(SQL / "article_find.sql", drops=["FUNCTION article_find"]),
    ]
