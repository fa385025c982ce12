"""What must never happen is refused by the database itself, whoever writes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from conversations.models import Conversation, Message, Note, Reply
from integrations.models import IntegrationAccount, IntegrationToken, RefusedOrigin
from tests.factories import AccountFactory, ConversationFactory, ResponderFactory
from workspaces.models import AuditEntry
from workspaces.tenancy import TenantModel, new_id

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def conversation(world):
    return ConversationFactory(account=AccountFactory(workspace=world.workspace))


@pytest.fixture
def elsewhere(world):
    """A conversation of the stranger."""
    return ConversationFactory(account=AccountFactory(workspace=world.elsewhere))


def message_in(conversation, **fields):
    fields = {"actor": "customer", "body": "Hello"} | fields
    parents = {"workspace_id": conversation.workspace_id, "account_id": conversation.account_id}
    message = Message.objects.create(**({"conversation": conversation} | parents | fields))
    message.refresh_from_db()
    return message


def reply_in(conversation, **fields):
    if "customer_message" not in fields:
        fields["customer_message"] = message_in(conversation)
    fields = {"status": "queued", "workspace_id": conversation.workspace_id} | fields
    return Reply.objects.create(conversation=conversation, **fields)


def refused(write, *, by):
    """Whether the database refuses what ``write`` does, naming the rule ``by``."""
    with pytest.raises(IntegrityError, match=by):
        _write(write)
    return True


def allowed(write):
    """Whether the database takes it; the write is undone again."""
    _write(write)
    return True


def _write(write):
    with transaction.atomic():
        write()
        connection.check_constraints()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", new_id()),
        ("body", "Bye"),
        ("data", {"author": "agent"}),
        ("actor", "assistant"),
        ("type", "note"),
        ("sequence", 2),
        ("created_at", LONG_AGO),
        ("client_message_id", "12345678"),
    ],
)
def test_a_published_message_never_changes(conversation, field, value):
    message = message_in(conversation)

    assert refused(lambda: Message.objects.update(**{field: value}), by="A published message never changes")

    assert Message.objects.get().__dict__.items() >= {field: getattr(message, field)}.items()


def test_a_published_message_never_moves(conversation, elsewhere, world):
    message_in(conversation)

    for target in (elsewhere, ConversationFactory(account=conversation.account)):
        for field in ("conversation_id", "account_id", "workspace_id"):
            value = target.pk if field == "conversation_id" else getattr(target, field)
            change = {field: value}
            assert refused(lambda change=change: Message.objects.update(**change), by="never changes"), change


def test_the_agent_who_wrote_a_message_may_leave(conversation, world):
    message = message_in(conversation, actor="assistant", author=world.agent)

    world.agent.delete()

    message.refresh_from_db()
    assert message.author is None
    assert message.body == "Hello"


def test_the_database_gives_sequence_time_and_tenant_whatever_the_writer_says(conversation, elsewhere):
    wrong = {
        "sequence": 999,
        "created_at": LONG_AGO,
        "workspace_id": elsewhere.workspace_id,
        "account_id": elsewhere.account_id,
    }

    messages = [message_in(conversation, **wrong) for _ in range(3)]

    assert [message.sequence for message in messages] == [1, 2, 3]
    assert {message.workspace_id for message in messages} == {conversation.workspace_id}
    assert {message.account_id for message in messages} == {conversation.account_id}
    times = [message.created_at for message in messages]
    assert times == sorted(times)
    assert timezone.now() - times[0] < timedelta(minutes=1)
    conversation.refresh_from_db()
    assert (conversation.last_sequence, conversation.last_message_at) == (3, times[-1])
    assert message_in(elsewhere).sequence == 1


def test_messages_inserted_at_once_are_numbered_too(conversation):
    parents = {"workspace_id": conversation.workspace_id, "account_id": conversation.account_id}
    Message.objects.bulk_create(
        Message(conversation=conversation, actor="customer", body=str(number), **parents) for number in range(5)
    )

    assert list(Message.objects.values_list("body", "sequence")) == [(str(n), n + 1) for n in range(5)]


def test_a_message_that_is_rolled_back_leaves_no_gap(conversation):
    message_in(conversation)
    with transaction.atomic():
        assert message_in(conversation).sequence == 2
        transaction.set_rollback(True)

    assert message_in(conversation).sequence == 2


def test_every_parent_of_a_tenant_row_is_held_to_the_same_workspace():
    """The message's account is written by the trigger that writes its workspace, from the same conversation."""
    held_otherwise = {"conversations_message_account_id"}
    expected = {
        f"{model._meta.db_table}_{field.column}"
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated")
        names = {name for (name,) in cursor.fetchall()}
    held = {
        name.removesuffix(end)
        for name in names
        for end in ("_same_workspace", "_same_conversation")
        if name.endswith(end)
    }

    assert held == expected - held_otherwise


@pytest.mark.parametrize("model", [Conversation, Reply, Note, IntegrationAccount, IntegrationToken, RefusedOrigin])
def test_a_row_never_leaves_the_workspace_of_its_parent(conversation, world, model):
    account = conversation.account
    account.responder = ResponderFactory(workspace=world.workspace)
    account.save()
    reply_in(conversation)
    Note.objects.create(workspace=world.workspace, conversation=conversation, author=world.agent, body="Note")
    RefusedOrigin.objects.create(workspace=world.workspace, account=account, origin="https://a.example")
    assert allowed(lambda: model.objects.update(workspace=world.workspace))

    assert refused(lambda: model.objects.update(workspace=world.elsewhere), by="_same_workspace")


@pytest.mark.parametrize(
    ("rule", "write"),
    [
        (
            "conversations_conversation_account_id_same_workspace",
            lambda here, there: Conversation.objects.create(
                workspace_id=here.workspace_id, account_id=there.account_id, external_id="x"
            ),
        ),
        (
            "conversations_reply_conversation_id_same_workspace",
            lambda here, there: reply_in(there, workspace_id=here.workspace_id),
        ),
        (
            "conversations_note_conversation_id_same_workspace",
            lambda here, there: Note.objects.create(
                workspace_id=here.workspace_id, conversation=there, author=None, body="Note"
            ),
        ),
        (
            "integrations_integrationaccount_responder_id_same_workspace",
            lambda here, there: AccountFactory(
                workspace=here.workspace, responder=ResponderFactory(workspace=there.workspace)
            ),
        ),
        (
            "integrations_integrationtoken_account_id_same_workspace",
            lambda here, there: IntegrationToken.objects.create(
                workspace=here.workspace, account_id=there.account_id, digest=b"1" * 32, ciphertext=b"", last4="1234"
            ),
        ),
        (
            "integrations_refusedorigin_account_id_same_workspace",
            lambda here, there: RefusedOrigin.objects.create(
                workspace=here.workspace, account_id=there.account_id, origin="https://a.example"
            ),
        ),
        (
            "conversations_reply_customer_message_id_same_conversation",
            lambda here, there: reply_in(here, customer_message=message_in(there)),
        ),
        (
            "conversations_reply_message_id_same_conversation",
            lambda here, there: reply_in(here, status="sent", message=message_in(there)),
        ),
    ],
)
def test_a_row_with_a_parent_elsewhere_is_refused(conversation, elsewhere, rule, write):
    sibling = ConversationFactory(account=conversation.account)
    assert allowed(lambda: write(conversation, conversation))

    assert refused(lambda: write(conversation, elsewhere), by=rule)
    if rule.endswith("_same_conversation"):
        assert refused(lambda: write(conversation, sibling), by=rule)


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("reply_sent_has_message", {"status": "queued"}, {"status": "sent"}),
        (
            "reply_generating_has_lease",
            {"status": "generating", "lease_expires_at": LONG_AGO},
            {"status": "generating"},
        ),
        ("reply_status_known", {"status": "failed"}, {"status": "lost"}),
    ],
)
def test_a_reply_in_an_impossible_state_is_refused(conversation, rule, right, wrong):
    assert allowed(lambda: reply_in(conversation, **right))

    assert refused(lambda: reply_in(conversation, **wrong), by=rule)


def test_one_reply_of_a_conversation_is_generated_at_a_time(conversation, elsewhere):
    generating = {"status": "generating", "lease_expires_at": timezone.now()}
    first = reply_in(conversation, **generating)
    assert allowed(lambda: reply_in(elsewhere, **generating))

    assert refused(lambda: reply_in(conversation, **generating), by="reply_one_generating_per_conversation")

    Reply.objects.filter(pk=first.pk).update(status="failed")
    assert allowed(lambda: reply_in(conversation, **generating))


def test_a_message_has_one_reply(conversation):
    message = message_in(conversation)
    reply_in(conversation, customer_message=message)

    assert refused(lambda: reply_in(conversation, customer_message=message), by="customer_message_id")


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("message_body_not_empty", {"body": " "}, {"body": ""}),
        ("message_actor_known", {"actor": "assistant"}, {"actor": "system"}),
        ("message_key_once_per_account", {"client_message_id": "12345679"}, {"client_message_id": "12345678"}),
    ],
)
def test_an_impossible_message_is_refused(conversation, rule, right, wrong):
    message_in(ConversationFactory(account=conversation.account), client_message_id="12345678")
    assert allowed(lambda: message_in(conversation, **right))

    assert refused(lambda: message_in(conversation, **wrong), by=rule)


def test_a_key_of_another_account_is_free(conversation, elsewhere):
    message_in(conversation, client_message_id="12345678")

    assert allowed(lambda: message_in(elsewhere, client_message_id="12345678"))


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("conversation_once_per_account", {"external_id": "another"}, {"external_id": "taken"}),
        ("conversation_customer_known", {"customer": "blocked"}, {"customer": "loved"}),
        ("conversation_status_known", {"status": "closed"}, {"status": "lost"}),
    ],
)
def test_an_impossible_conversation_is_refused(conversation, elsewhere, rule, right, wrong):
    ConversationFactory(account=conversation.account, external_id="taken")
    ConversationFactory(account=elsewhere.account, external_id="another")
    assert allowed(lambda: ConversationFactory(account=conversation.account, **right))

    assert refused(lambda: ConversationFactory(account=conversation.account, **wrong), by=rule)


@pytest.mark.parametrize(
    ("field", "value"),
    [("action", "other"), ("actor", None), ("detail", {"x": 1}), ("target_label", ""), ("created_at", LONG_AGO)]
    + [("ip", "192.0.2.1")],
)
def test_an_audit_entry_never_changes(conversation, world, field, value):
    entry = AuditEntry.objects.record(
        workspace=world.workspace, actor=world.agent, action="customer.approve", target=conversation
    )

    assert refused(lambda: AuditEntry.objects.update(**{field: value}), by="An audit entry never changes")

    entry.refresh_from_db()
    assert getattr(entry, field) != value


def test_an_audit_entry_outlives_the_agent(conversation, world):
    agent_id = world.agent.pk
    AuditEntry.objects.record(
        workspace=world.workspace, actor=world.agent, action="customer.approve", target=conversation
    )

    world.agent.delete()

    assert AuditEntry.objects.get().actor_id == agent_id
