"""The samples for servers run as they are copied, against a real server. tests/browser has those for pages."""

import subprocess
import sys

import pytest

from conversations.models import Conversation, Message
from integrations.models import IntegrationAccount
from tests.factories import AccountFactory
from tests.ground.provider import Answer
from tests.integrations.pages.samples import samples

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION, ANSWER = "How do I approve a reply?", "Press “Approve”."


@pytest.fixture
def widget(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, kind="widget")


@pytest.fixture
def signed(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, require_signature=True)


@pytest.fixture(params=["account", "widget", "signed"])
def any_account(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def copied(client, world, any_account, granian, settings, provider):
    provider.script(Answer(deltas=["Press ", "“Approve”."]))
    return samples(client, any_account, admin=world.owner, settings=settings, server=granian)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_answered():
    assert list(Message.objects.order_by("sequence").values_list("body", flat=True)) == [QUESTION, ANSWER]


def test_the_curl_sample_streams_a_reply(copied):
    output = run(["sh", "-c", copied["curl"]])

    assert '"type":"accepted"' in output
    assert ANSWER in output
    assert_answered()


def test_the_python_sample_streams_a_reply(copied, tmp_path):
    script = tmp_path / "ask.py"
    script.write_text(copied["python"])

    assert run([sys.executable, "-I", "-X", "utf8", str(script)]).startswith(f"{ANSWER}\n-- ")
    assert_answered()


def test_samples_use_an_id_of_their_own_only_where_that_is_allowed(copied):
    run(["sh", "-c", copied["curl"]])

    conversation = Conversation.objects.get()
    is_widget = conversation.account.kind == IntegrationAccount.Kind.WIDGET
    assert (conversation.external_id == "customer-42") is not is_widget
