from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import workspaces.tenancy
from workspaces.sql import add
from workspaces.tenancy import same_workspace

SQL = Path(__file__).parent.parent / "sql"


def same_conversation(column: str) -> migrations.RunSQL:
    """The message that a reply names belongs to the reply's own conversation."""
    name = f"conversations_reply_{column}_same_conversation"
    return migrations.RunSQL(
        f"ALTER TABLE conversations_reply ADD CONSTRAINT {name} FOREIGN KEY ({column}, conversation_id) "
        "REFERENCES conversations_message (id, conversation_id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE conversations_reply DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("conversations", "0001_initial"),
        ("conversations", "0002_rules"),
        ("conversations", "0003_desk"),
        ("conversations", "0004_inbox"),
    ]

    dependencies = [
        ("integrations", "0001_ways_in"),
        ("workspaces", "0001_teams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        add(SQL, "words", drops=["FUNCTION message_words"]),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "external_id",
                    models.CharField(help_text="The caller's key: the public conversationId.", max_length=200),
                ),
                (
                    "issued",
                    models.BooleanField(
                        default=False, help_text="The server made the key, so knowing it is the permission."
                    ),
                ),
                ("last_sequence", models.BigIntegerField(db_default=0, default=0)),
                (
                    "customer",
                    models.CharField(
                        choices=[("unreviewed", "Unreviewed"), ("approved", "Approved"), ("blocked", "Blocked")],
                        default="unreviewed",
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10),
                ),
                ("last_message_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_actor",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Who wrote last: customer or assistant.",
                        max_length=10,
                    ),
                ),
                (
                    "reply_failed",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="The reply to the newest message failed, and nobody wrote since.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeskPreferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="desk_preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("single_keys", models.BooleanField(default=True, verbose_name="single-key shortcuts")),
                ("sound", models.BooleanField(default=False, verbose_name="a sound for waiting drafts")),
                (
                    "browser_notifications",
                    models.BooleanField(default=False, verbose_name="browser notifications for waiting drafts"),
                ),
            ],
            options={
                "verbose_name_plural": "desk preferences",
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conversations",
                to="integrations.integrationaccount",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="workspace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sequence", models.BigIntegerField(db_default=0)),
                (
                    "actor",
                    models.CharField(choices=[("customer", "Customer"), ("assistant", "Assistant")], max_length=10),
                ),
                ("type", models.CharField(db_default="message", default="message", max_length=20)),
                ("body", models.TextField()),
                ("data", models.JSONField(null=True)),
                ("client_message_id", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.integrationaccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["sequence"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("body", models.TextField(max_length=20000)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sequence", models.BigIntegerField(default=0)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("generating", "Generating"),
                            ("awaiting_approval", "Awaiting approval"),
                            ("by_hand", "To be answered by hand"),
                            ("sent", "Sent"),
                            ("rejected", "Rejected"),
                            ("superseded", "Superseded"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                (
                    "last_attempt",
                    models.PositiveIntegerField(
                        db_default=3, default=3, help_text="When this attempt is lost too, the reply fails."
                    ),
                ),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "held",
                    models.BooleanField(default=False, help_text="A person has to approve the text before it is sent."),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("data", models.JSONField(blank=True, default=dict)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.TextField(blank=True, default="")),
                ("error_retryable", models.BooleanField(default=False)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("send", "Send"),
                            ("send_and_trust", "Send, and approve the customer"),
                            ("reject", "Reject"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "release_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until then the decision can be undone; then any process carries it out.",
                        null=True,
                    ),
                ),
                (
                    "outgoing",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="The text that the decision sends."
                    ),
                ),
                ("edited", models.BooleanField(default=False)),
                (
                    "instruction",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="What an agent asked of the responder."
                    ),
                ),
                (
                    "for_review",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="An agent asked for this draft, so an agent decides on it.",
                    ),
                ),
                ("stop_requested", models.BooleanField(db_default=False, default=False)),
                ("reason", models.TextField(blank=True, default="", help_text="Why it was rejected.")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "customer_message",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reply",
                        to="conversations.message",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "replies",
            },
        ),
        migrations.CreateModel(
            name="EarlierDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField()),
                ("data", models.JSONField(blank=True, default=dict)),
                (
                    "instruction",
                    models.TextField(blank=True, default="", help_text="What the agent asked for in its place."),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
                (
                    "reply",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="earlier_drafts",
                        to="conversations.reply",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="SavedReply",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=60)),
                ("body", models.TextField(max_length=4000)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved replies",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Viewing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workspaces.tenancy.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="viewings",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "-last_message_at", "-id"], name="conversation_newest_first"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("last_actor", "customer"), ("status", "open")),
                fields=["workspace", "-last_message_at", "-id"],
                name="conversation_unanswered",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)),
                fields=["assignee", "workspace", "status", "-last_message_at", "-id"],
                name="conversation_assigned",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("reply_failed", True), ("status", "open")),
                fields=["workspace", "-last_message_at", "-id"],
                name="conversation_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("status", "closed")),
                fields=["workspace", "-last_message_at", "-id"],
                name="conversation_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="conversation_id_in_workspace"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("account", "external_id"),
                name="conversation_once_per_account",
                opclasses=["uuid_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer__in", ["unreviewed", "approved", "blocked"])),
                name="conversation_customer_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "closed"])), name="conversation_status_known"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("author__isnull", False)), fields=["author"], name="message_by_agent"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    "workspace",
                    "body",
                    function="message_words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="message_by_word",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("conversation", "sequence"), name="message_sequence_once"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("id", "conversation"), name="message_id_in_conversation"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_message_id__isnull", False)),
                fields=("account", "client_message_id"),
                name="message_key_once_per_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor__in", ["customer", "assistant"])), name="message_actor_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("body", ""), _negated=True), name="message_body_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(fields=("conversation", "user"), name="reading_once_per_person"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("status", "generating")), fields=["lease_expires_at"], name="reply_leases"
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(condition=models.Q(("status", "queued")), fields=["created_at"], name="reply_queue"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(fields=["workspace", "created_at"], name="reply_newest"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("status", "awaiting_approval")),
                fields=["workspace", "created_at"],
                name="reply_approval_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("release_at__isnull", False), ("status", "awaiting_approval")),
                fields=["release_at"],
                name="reply_releases",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("status", "failed")), fields=["workspace", "created_at"], name="reply_failures"
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="reply_id_in_workspace"),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "queued",
                            "generating",
                            "awaiting_approval",
                            "by_hand",
                            "sent",
                            "rejected",
                            "superseded",
                            "failed",
                            "canceled",
                        ],
                    )
                ),
                name="reply_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "sent"), _negated=True), ("message__isnull", False), _connector="OR"
                ),
                name="reply_sent_has_message",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "generating"), _negated=True),
                    ("lease_expires_at__isnull", False),
                    _connector="OR",
                ),
                name="reply_generating_has_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["", "send", "send_and_trust", "reject"])),
                name="reply_decision_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", ""), ("release_at__isnull", False), _connector="OR"),
                name="reply_decision_has_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "generating")),
                fields=("conversation",),
                name="reply_one_generating_per_conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedreply",
            constraint=models.UniqueConstraint(fields=("workspace", "name"), name="saved_reply_name_once"),
        ),
        migrations.AddConstraint(
            model_name="viewing",
            constraint=models.UniqueConstraint(fields=("conversation", "user"), name="viewing_once_per_person"),
        ),
        same_workspace("conversations_conversation", "account_id", "integrations_integrationaccount"),
        same_workspace("conversations_message", "conversation_id", "conversations_conversation"),
        same_workspace("conversations_reply", "conversation_id", "conversations_conversation"),
        same_workspace("conversations_note", "conversation_id", "conversations_conversation"),
        same_conversation("customer_message_id"),
        same_conversation("message_id"),
        same_workspace("conversations_earlierdraft", "reply_id", "conversations_reply"),
        same_workspace("conversations_reading", "conversation_id", "conversations_conversation"),
        same_workspace("conversations_viewing", "conversation_id", "conversations_conversation"),
        add(
            SQL,
            "publish",
            drops=[
                "TRIGGER message_publish ON conversations_message",
                "FUNCTION message_publish",
                "TRIGGER message_is_final ON conversations_message",
                "FUNCTION message_is_final",
            ],
        ),
        add(SQL, "claim", drops=["FUNCTION conversation_claim"]),
        add(SQL, "context", drops=["FUNCTION reply_context"]),
        add(SQL, "accept", drops=["FUNCTION conversation_accept"]),
        add(SQL, "finish", drops=["FUNCTION reply_finish"]),
        add(SQL, "release", drops=["FUNCTION reply_release"]),
        add(SQL, "stop", drops=["FUNCTION reply_stop"]),
        add(SQL, "final_states", drops=["TRIGGER reply_is_final ON conversations_reply", "FUNCTION reply_is_final"]),
        add(
            SQL,
            "failures",
            drops=[
                "TRIGGER reply_failure ON conversations_reply",
                "TRIGGER reply_failure_over ON conversations_reply",
                "FUNCTION reply_failure",
            ],
        ),
    ]
