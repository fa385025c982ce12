"""Home: what is left to set up, which drafts wait, and the figures of the last days."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.deciding import answers
from conversations.deciding import drafts as replies
from conversations.desk.home import first_run, statistics
from conversations.models import Message, Reply
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory, ConversationFactory, MembershipFactory, ResponderFactory, WorkspaceFactory
from tests.factories.bulk import answered_messages
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(world):
    return reverse("home", args=[world.workspace.slug])


@pytest.fixture
def page(client, world, url):
    """Home as the owner sees it, anew with each call."""
    client.force_login(world.owner)

    def get():
        response = client.get(url)
        assert response.status_code == 200
        return response

    return get


def asked(account, *, body="Where is my parcel?", ago=timedelta(0), status=Reply.Status.SENT, seconds=4, **fields):
    """A customer's message of some time ago, and what became of its reply."""
    conversation = ConversationFactory(account=account)
    message = Message.objects.create(conversation=conversation, actor=Message.Actor.CUSTOMER, body=body)
    arrived = timezone.now() - ago
    if status == Reply.Status.SENT:
        answer = Message.objects.create(conversation=conversation, actor=Message.Actor.ASSISTANT, body="On its way.")
        fields |= {"message": answer, "finished_at": arrived + timedelta(seconds=seconds)}
    reply = Reply.objects.create(
        workspace=account.workspace, conversation=conversation, customer_message=message, status=status, **fields
    )
    Reply.objects.filter(pk=reply.pk).update(created_at=arrived)
    return reply


def figures(workspace):
    return statistics.last_days(workspace=workspace, today=timezone.localdate())


def titles(workspace):
    return {step.title: step.done for step in first_run.checklist(workspace).steps}


# First run


def test_an_empty_workspace_says_what_to_do_first_and_what_will_appear(page):
    response = page()

    assert response.context["first_run"].next_step.title == "Create a responder"
    text = response.content.decode()
    assert "Create a responder" in text
    assert "No draft is waiting" in text
    assert "No messages in these days" in text
    assert '<svg class="chart-field"' not in text


def test_each_step_ticks_itself(world):
    workspace = WorkspaceFactory()
    MembershipFactory(workspace=workspace, user=world.owner, role=Role.OWNER)
    assert set(titles(workspace).values()) == {False}

    responder = ResponderFactory(workspace=workspace)
    assert titles(workspace)["Create a responder"]

    account = AccountFactory(workspace=workspace, responder=responder)
    assert titles(workspace)["Create an integration account"]

    ConversationFactory(account=account)
    assert titles(workspace)["Send the first message"]

    MembershipFactory(workspace=workspace)
    assert first_run.checklist(workspace).is_done


def test_approving_is_a_step_only_where_replies_are_held(world, account):
    assert "Approve the first reply" not in titles(world.workspace)

    manual = AccountFactory(workspace=world.workspace, response_mode=IntegrationAccount.ResponseMode.MANUAL)
    assert titles(world.workspace)["Approve the first reply"] is False

    draft = asked(manual, status=Reply.Status.AWAITING_APPROVAL, held=True, text="On its way.")
    replies.approve(reply=draft, agent=world.agent)
    assert titles(world.workspace)["Approve the first reply"] is True


def test_a_retired_account_is_no_way_in(world, account):
    account.retire()

    assert titles(world.workspace)["Create an integration account"] is False


def test_the_list_folds_once_customers_get_answers_and_goes_when_all_is_done(page, world, account):
    Membership.objects.filter(user=world.agent).delete()
    assert '<details class="first-run" open>' in page().content.decode()

    asked(account)
    assert '<details class="first-run" >' in page().content.decode()

    MembershipFactory(workspace=world.workspace)
    assert "Getting started" not in page().content.decode()


def test_an_agent_is_not_sent_to_pages_of_admins(client, world, url):
    client.force_login(world.agent)

    response = client.get(url)

    assert b"For an admin" in response.content
    assert b">Create a responder</a>" not in response.content


# Waiting drafts


def test_the_drafts_that_have_waited_longest_come_first(page, account):
    for minutes in (1, 50, 2, 40, 3, 30):
        asked(
            account,
            body=f"Asked {minutes} minutes ago",
            ago=timedelta(minutes=minutes),
            status=Reply.Status.AWAITING_APPROVAL,
            held=True,
        )

    response = page()

    bodies = [draft.customer_message.body for draft in response.context["drafts"]]
    assert bodies == [f"Asked {minutes} minutes ago" for minutes in (50, 40, 30, 3, 2)]
    assert "6 waiting" in response.content.decode()


def test_what_a_customer_wrote_is_shown_as_text(page, account):
    asked(account, body="<script>alert(1)</script>", status=Reply.Status.AWAITING_APPROVAL)

    assert "&lt;script&gt;alert(1)" in page().content.decode()


# Figures


def test_figures_count_messages_replies_and_failures_on_the_day_the_message_arrived(world, account):
    for seconds in (2, 4, 60):
        asked(account, ago=timedelta(days=3), seconds=seconds)
    asked(account, ago=timedelta(days=3), status=Reply.Status.FAILED, error_code="provider_unavailable")
    asked(account, status=Reply.Status.BY_HAND)
    asked(account, ago=timedelta(days=20))

    found = figures(world.workspace)

    assert len(found.days) == 14
    assert found.days[-1].date == timezone.localdate()
    day = found.days[-4].figures
    assert (day.messages, day.replied, day.failed) == (4, 3, 1)
    assert day.median_seconds == pytest.approx(4, abs=0.1)
    assert (found.days[-1].figures.messages, found.days[-1].figures.median_seconds) == (1, None)
    assert (found.total.messages, found.total.replied) == (5, 3)


def test_the_approval_rate_is_of_the_drafts_that_a_person_decided_on(world, account):
    drafts = [asked(account, status=Reply.Status.AWAITING_APPROVAL, held=True, text="A draft") for _ in range(5)]
    replies.approve(reply=drafts[0], agent=world.agent)
    replies.approve_edited(reply=drafts[1], agent=world.agent, body="Better")
    replies.reject(reply=drafts[2], agent=world.agent)
    answers.reply_by_hand(conversation=drafts[3].conversation, agent=world.agent, body="My own words")
    asked(account)  # sent by itself: nobody decided

    total = figures(world.workspace).total

    assert (total.decided, total.approved, total.approval_rate) == (4, 2, 50.0)


def test_every_chart_has_its_numbers_as_a_table(page, account):
    asked(account, held=True, decided_at=timezone.now(), text="Approved")
    asked(account, status=Reply.Status.FAILED)

    text = page().content.decode()

    assert text.count('<svg class="chart-field"') == text.count("<table") == 4
    assert "style=" not in text


def test_figures_of_another_workspace_never_appear(client, page, world, account):
    theirs = AccountFactory(workspace=world.elsewhere)
    for _ in range(3):
        asked(theirs, body="A stranger's question", status=Reply.Status.AWAITING_APPROVAL, held=True)
    client.force_login(world.stranger)
    assert b"A stranger&#x27;s question" in client.get(reverse("home", args=[world.elsewhere.slug])).content
    client.force_login(world.owner)

    response = page()

    assert response.context["statistics"].total.messages == 0
    assert response.context["drafts_count"] == 0
    assert b"stranger" not in response.content


# Speed


@pytest.mark.alone
def test_home_stays_quick_with_a_hundred_thousand_messages(client, page, account, django_assert_max_num_queries):
    answered_messages(account, count=100_000, days=12)
    page()

    with django_assert_max_num_queries(12):
        response = page()

    assert response.context["statistics"].total.messages == 100_000
    with CaptureQueriesContext(connection) as captured:
        page()
    assert sum(float(query["time"]) for query in captured) < 1.0  # some 0.12 s on a quiet machine


def test_older_messages_are_not_read(world, account):
    answered_messages(account, count=20_000, days=1_000)

    with CaptureQueriesContext(connection) as captured:
        figures(world.workspace)

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "reply_newest" in plan
    assert "Seq Scan" not in plan


# The gate


def test_home_is_for_members_only(client, world, url):
    client.force_login(world.agent)
    assert client.get(url).status_code == 200

    client.force_login(world.stranger)
    assert client.get(url).status_code == 404

    client.logout()
    response = client.get(url)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
