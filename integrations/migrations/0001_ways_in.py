from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import integrations.models.article
import workspaces.tenancy
from workspaces.sql import add
from workspaces.tenancy import same_workspace

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True

    replaces = [("integrations", "0001_initial"), ("integrations", "0002_tenancy_and_search")]

    dependencies = [("workspaces", "0001_teams")]

    operations = [
        add(SQL, "article_search", drops=["FUNCTION article_vector", "FUNCTION article_config"]),
        migrations.CreateModel(
            name="Article",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField(max_length=200000)),
                ("url", models.URLField(blank=True, max_length=500)),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("simple", "Other"),
                            ("english", "English"),
                            ("german", "German"),
                            ("french", "French"),
                            ("spanish", "Spanish"),
                            ("italian", "Italian"),
                            ("portuguese", "Portuguese"),
                            ("dutch", "Dutch"),
                        ],
                        default="english",
                        max_length=12,
                    ),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=integrations.models.article.ArticleVector("language", "title", "body"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="IntegrationAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(choices=[("api", "API"), ("widget", "Website Widget")], max_length=10)),
                ("name", models.CharField(max_length=100)),
                (
                    "response_mode",
                    models.CharField(
                        choices=[("auto", "Auto replies"), ("manual", "Manual approval (approved customers only)")],
                        default="auto",
                        max_length=10,
                    ),
                ),
                (
                    "allowed_domains",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), blank=True, default=list, size=None
                    ),
                ),
                ("identity_secret", models.BinaryField(help_text="Encrypted; signs conversation ids.")),
                ("require_signature", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("retired", "Retired")], default="active", max_length=10
                    ),
                ),
                ("widget_settings", models.JSONField(blank=True, default=dict)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="IntegrationToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("ciphertext", models.BinaryField()),
                ("last4", models.CharField(max_length=4)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RefusedOrigin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("origin", models.CharField(max_length=300)),
                ("count", models.PositiveIntegerField(default=1)),
                ("last_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="RequestRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("endpoint", models.CharField(help_text="sse or history", max_length=20)),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "code",
                    models.CharField(blank=True, default="", help_text="The error's code, if any.", max_length=60),
                ),
                ("origin", models.CharField(blank=True, default="", max_length=300)),
                ("duration_ms", models.PositiveIntegerField(help_text="Until the answer began, for a stream.")),
                ("request_id", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Responder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("knowledge", "Knowledge base"),
                            ("openai_compatible", "OpenAI-compatible model"),
                            ("anthropic", "Anthropic model"),
                            ("webhook", "Your own backend (webhook)"),
                        ],
                        default="knowledge",
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("instructions", models.TextField(blank=True, max_length=20000)),
                ("base_url", models.URLField(blank=True, help_text="Ends in /v1, as the provider's own SDK takes it.")),
                ("model", models.CharField(blank=True, max_length=200)),
                (
                    "api_key",
                    models.BinaryField(blank=True, default=bytes, help_text="Encrypted; empty when there is none."),
                ),
                ("temperature", models.FloatField(blank=True, null=True)),
                (
                    "max_tokens",
                    models.PositiveIntegerField(
                        blank=True, help_text="Longest answer, in the model's tokens.", null=True
                    ),
                ),
                ("last_error_code", models.CharField(blank=True, default="", max_length=60)),
                ("last_error_message", models.TextField(blank=True, default="")),
                ("last_error_at", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name="article",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="integrationaccount",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="integrationtoken",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="integrations.integrationaccount"
            ),
        ),
        migrations.AddField(
            model_name="integrationtoken",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="refusedorigin",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="refused_origins",
                to="integrations.integrationaccount",
            ),
        ),
        migrations.AddField(
            model_name="refusedorigin",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="requestrecord",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="request_records",
                to="integrations.integrationaccount",
            ),
        ),
        migrations.AddField(
            model_name="requestrecord",
            name="workspace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.AddField(
            model_name="responder",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="integrationaccount",
            name="responder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="accounts",
                to="integrations.responder",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="article_search"),
        ),
        migrations.AddConstraint(
            model_name="refusedorigin",
            constraint=models.UniqueConstraint(fields=("account", "origin"), name="refused_origin_once_per_account"),
        ),
        migrations.AddIndex(
            model_name="requestrecord",
            index=models.Index(fields=["account", "-created_at"], name="request_newest_first"),
        ),
        migrations.AddIndex(
            model_name="requestrecord",
            index=models.Index(fields=["created_at"], name="request_age"),
        ),
        migrations.AddConstraint(
            model_name="responder",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="responder_id_in_workspace"),
        ),
        migrations.AddConstraint(
            model_name="responder",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "knowledge"), models.Q(("base_url", ""), _negated=True), _connector="OR"),
                name="responder_address_where_needed",
            ),
        ),
        migrations.AddConstraint(
            model_name="integrationaccount",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="integrationaccount_id_in_workspace"),
        ),
        migrations.AddConstraint(
            model_name="integrationaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["api", "widget"])), name="account_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="integrationaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("response_mode__in", ["auto", "manual"])), name="account_mode_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="integrationaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "retired"])), name="account_status_known"
            ),
        ),
        same_workspace("integrations_integrationaccount", "responder_id", "integrations_responder"),
        same_workspace("integrations_integrationtoken", "account_id", "integrations_integrationaccount"),
        same_workspace("integrations_refusedorigin", "account_id", "integrations_integrationaccount"),
        same_workspace("integrations_requestrecord", "account_id", "integrations_integrationaccount"),
        add(SQL, "article_find", drops=["FUNCTION article_find"]),
    ]
