"""What customers and models write does nothing on our pages: in the thread, in lists and in drafts."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conversations.deciding import answers, drafts, handling
from conversations.models import Conversation, Reply
from tests.factories.drafts import reply_in

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "<img src=x onerror=alert(1)>\"' hx-get=/hacked"
TEXT = """I am a customer \u202egnp.exe\u202c \u2066x\u2069
<script>alert(1)</script><img src=x onerror=alert(1)><img src="https://evil.example/pixel.png">
<div hx-get="/hacked" hx-trigger="load"></div><div data-hx-get="/hacked" data-hx-trigger="load">click me</div>
<div hx-ext="ws" ws-connect="/hacked"></div><div hx-on:click="alert(1)">click me</div>
<form action="https://evil.example/"><button>click me</button></form><iframe src="https://evil.example/"></iframe>
<style>body { display: none }</style><meta http-equiv="refresh" content="0;url=https://evil.example/">
<a href="javascript:alert(1)">click me</a> <base href="https://evil.example/">

![pixel](https://evil.example/pixel.png) [click me](javascript:alert(1)) [click me](data:text/html,x)
<javascript:alert(1)> [click me][ref]

[ref]: javascript:alert(1)
{{ 7|add:7 }} {% url 'home' %} </textarea></title><script>alert(2)</script>
"""
SOURCES = [{"title": "click me <script>alert(1)</script>", "url": "javascript:alert(1)"}]
LIVE_MARKUP = """() => [...document.querySelectorAll('main *')].filter((one) =>
  ['SCRIPT', 'IFRAME', 'STYLE', 'META', 'BASE', 'IMG'].includes(one.tagName)
  || one.getAttributeNames().some((name) => /^on|^(data-)?hx-on|ws-connect/.test(name))
  || ['hx-get', 'data-hx-get', 'src', 'action', 'href'].some((name) =>
    /hacked|evil[.]example|^\\s*(javascript|data):/i.test(one.getAttribute(name) ?? ''))
).map((one) => one.outerHTML.slice(0, 120))"""
OPEN_ALL = "() => document.querySelectorAll('main details').forEach((details) => { details.open = true; })"
REFRESH = """() => ['lumika:changed', 'lumika:conversation'].forEach(
  (name) => document.body.dispatchEvent(new CustomEvent(name)))"""


@pytest.fixture
def hostile(world, conversation, ask):
    """A conversation in which every text is hostile; the draft that waits in it."""
    Conversation.objects.filter(pk=conversation.pk).update(external_id=NAME)
    for status in ("failed", "superseded", "generating"):
        Reply.objects.filter(pk=reply_in(conversation, status, text=TEXT).pk).update(error_message=TEXT)
    Reply.objects.filter(status="generating").update(status="canceled")
    rejected = reply_in(conversation, "awaiting_approval", text=TEXT)
    drafts.regenerate(reply=rejected, agent=world.agent, instruction=TEXT)
    Reply.objects.filter(pk=rejected.pk).update(status="awaiting_approval", text=TEXT)
    drafts.reject(reply=rejected, agent=world.agent, reason=TEXT)
    handling.leave_note(conversation=conversation, agent=world.agent, body=TEXT)
    approved = reply_in(conversation, "awaiting_approval", text="mine")
    drafts.approve_edited(reply=approved, agent=world.agent, body=TEXT)
    answers.reply_by_hand(conversation=conversation, agent=world.agent, body=TEXT)
    draft = {"status": "awaiting_approval", "attempt": 1, "held": True, "text": TEXT, "instruction": TEXT}
    return Reply.objects.create(
        workspace=world.workspace,
        conversation=conversation,
        customer_message=ask(TEXT),
        data={"sources": SOURCES},
        **draft,
    )


def test_hostile_texts_are_only_read(window, world, path, hostile):
    slug = world.workspace.slug
    page = window(world.owner, f"/w/{slug}/")
    own, alarms = page.url.removesuffix(f"/w/{slug}/"), []
    origins = (own, own.replace("http", "ws"))
    ours = tuple(f"{origin}{below}" for origin in origins for below in (f"/w/{slug}/", "/static/"))
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: request.url.startswith(ours) or alarms.append(request.url))
    page.on("framenavigated", lambda frame: frame.url.startswith(ours) or alarms.append(frame.url))
    page.on("pageerror", lambda error: alarms.append(str(error)))
    page.on("websocket", lambda socket: socket.url.endswith(f"/w/{slug}/live/") or alarms.append(socket.url))

    for address in (f"/w/{slug}/", f"/w/{slug}/inbox/", path, reverse("desk:draft", args=[slug, hostile.pk])):
        page.goto(address)
        page.evaluate(OPEN_ALL)
        expect(page.get_by_text("I am a customer").first).to_be_visible()
        assert page.evaluate(LIVE_MARKUP) == [], address
        for words in page.get_by_text("click me").all():
            words.click(force=True)
        page.evaluate(REFRESH)
        page.wait_for_load_state("networkidle")
        assert page.url.partition("?")[0] == f"{own}{address}"

    assert alarms == []


def test_the_probe_sees_markup_that_is_live(window, world, path):
    page = window(world.owner, path)
    assert page.evaluate(LIVE_MARKUP) == []

    page.evaluate("""() => document.querySelector('main').insertAdjacentHTML('beforeend',
      '<div hx-get="/hacked"></div><a href="javascript:x">x</a><iframe></iframe><b onclick="x">x</b>')""")

    assert len(page.evaluate(LIVE_MARKUP)) == 4


def test_text_that_runs_backwards_is_shown_as_what_it_is(window, world, path, hostile):
    page = window(world.owner, path)

    expect(page.locator(".message .said").last).to_contain_text("⟨RLO⟩gnp.exe x")
    assert "\u202e" not in page.content()
