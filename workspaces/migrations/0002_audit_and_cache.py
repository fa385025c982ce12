from django.db import migrations


class Migration(migrations.Migration):
    """Audit entries never change; and the cache that all processes share: the limits on signing in count in it."""

    dependencies = [("workspaces", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'An audit entry never changes.' USING ERRCODE = 'integrity_constraint_violation';
            END
            $$;
            CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON workspaces_auditentry
            FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
            """,
            "DROP TRIGGER audit_is_append_only ON workspaces_auditentry; DROP FUNCTION audit_is_append_only",
        ),
        migrations.RunSQL(
            """
            CREATE TABLE lumika_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX lumika_cache_expires ON lumika_cache (expires);
            """,
            "DROP TABLE lumika_cache",
        ),
    ]
