"""Approvals in Chromium: draft after draft with the keyboard alone, and nothing that was typed or decided gets lost."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from conversations.models import DeskPreferences, EarlierDraft, Message, Note, Reply
from tests.browser.agents import desks, drafts_of, open_customer, sent_to
from tests.browser.test_accessibility import RUN_AXE, SIDEWAYS, WCAG
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

FOCUSED = "document.activeElement.closest('h2')?.textContent ?? document.activeElement.tagName"


@pytest.fixture
def account(world, model):
    return AccountFactory(workspace=world.workspace, responder=model, response_mode="manual")


@pytest.fixture
def desk(browser, granian, world):
    with desks(browser, granian, world.workspace) as opened:
        yield opened


def draft_on(page):
    return page.get_by_label("Draft", exact=True)


def send_button(page, name):
    return page.get_by_role("button", name=f"Send to {name}", exact=True)


def test_ten_drafts_are_decided_with_the_keyboard_alone_each_opening_the_next(world, account, desk):
    drafts_of(account, 11)
    page = desk(world.agent)
    keys = page.keyboard
    page.evaluate("window.isStillHere = true")

    def decide(number, *pressed):
        open_customer(page, f"customer-{number}")
        for key in pressed:
            keys.type(key[1:]) if key.startswith('"') else keys.press(key)
        open_customer(page, f"customer-{number + 1}")
        expect(page.get_by_role("status").filter(has_text=f"Now open: customer-{number + 1}.")).to_be_attached()
        assert page.evaluate(FOCUSED) == f"customer-{number + 1}"

    for number in range(4):
        decide(number, "a")
    decide(4, "Shift+A")
    decide(5, "x", '"wrong price', "Enter")
    decide(6, "x", "Control+Enter")
    decide(7, "e", "Control+End", '" See you soon!', "Control+Enter")
    decide(8, "r", '"In my own words.', "Control+Enter")
    decide(9, "n", '"Ask Olga first.', "Control+Enter", "Escape", "a")

    assert page.evaluate("window.isStillHere")
    assert page.url.endswith(f"{Reply.objects.get(text='Draft 10 for you.').pk}/")
    wait_for(lambda: Reply.objects.exclude(status__in=["sent", "rejected", "superseded"]).count() == 1, seconds=15)
    for number in (0, 1, 2, 3, 4, 9):
        assert sent_to(f"customer-{number}") == [f"Draft {number} for you."]
    assert [sent_to(f"customer-{number}") for number in (5, 6)] == [[], []]
    assert sent_to("customer-7") == ["Draft 7 for you. See you soon!"]
    assert sent_to("customer-8") == ["In my own words."]
    assert Reply.objects.get(text="Draft 5 for you.").reason == "wrong price"
    assert Reply.objects.get(text="Draft 4 for you.").conversation.customer_is_approved
    assert Note.objects.get().body == "Ask Olga first."


def test_keys_do_nothing_while_somebody_types_or_holds_another_key(world, account, desk):
    drafts_of(account, 3)
    page = desk(world.agent)
    draft_on(page).fill("")

    draft_on(page).press_sequentially("axgrnjkz/?A")
    expect(draft_on(page)).to_have_value("axgrnjkz/?A")
    page.get_by_role("button", name="Take my changes back").click()
    draft_on(page).press("Escape")
    for held in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{held}+j")
    page.get_by_role("searchbox").press_sequentially("jax")
    open_customer(page, "customer-0")
    assert not Reply.objects.in_hold().exists()

    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press("Escape")
    page.keyboard.press("j")
    open_customer(page, "customer-1")
    page.keyboard.press("k")
    open_customer(page, "customer-0")


def test_a_key_that_is_held_down_decides_once(world, account, desk):
    drafts_of(account, 4)
    page = desk(world.agent)
    open_customer(page, "customer-0")

    page.keyboard.down("a")
    for _ in range(5):
        page.keyboard.down("a")  # as a keyboard repeats it
        page.wait_for_load_state("networkidle")
    page.keyboard.up("a")

    open_customer(page, "customer-1")
    assert Reply.objects.in_hold().count() + Reply.objects.filter(status="sent").count() == 1


def test_who_turned_single_keys_off_has_none_but_ctrl_enter_works(world, account, desk):
    drafts_of(account, 2)
    DeskPreferences.objects.create(user=world.agent, single_keys=False)
    page = desk(world.agent)
    open_customer(page, "customer-0")
    expect(page.locator("kbd.is-single").first).to_be_hidden()

    for key in "jaxgrnz/?":
        page.keyboard.press(key)
    open_customer(page, "customer-0")
    assert page.locator("details.tool[open]").count() == 0

    draft_on(page).press_sequentially("!")
    draft_on(page).press("Control+Enter")
    open_customer(page, "customer-1")
    assert len(sent_to("customer-0")) == 1


def test_the_sheet_of_keys_opens_and_closes(world, account, desk):
    drafts_of(account, 1)
    page = desk(world.agent)
    sheet = page.get_by_role("dialog", name="Keys")

    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()

    assert not Reply.objects.in_hold().exists()


def test_a_decision_is_undone_before_the_customer_sees_it(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent)
    page.keyboard.press("a")
    open_customer(page, "customer-1")
    expect(page.locator("#held")).to_contain_text("Sending to customer-0")
    expect(page.locator("[data-seconds]")).to_have_text("4 s")

    page.keyboard.press("z")

    open_customer(page, "customer-0")
    expect(draft_on(page)).to_have_value("Draft 0 for you.")
    expect(page.locator("[data-hold]")).to_have_count(0)
    assert Reply.objects.get(text="Draft 0 for you.").awaits_approval
    assert sent_to("customer-0") == []


def test_the_hold_shows_what_became_of_it(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent)

    page.keyboard.press("a")
    open_customer(page, "customer-1")
    page.keyboard.press("e")

    expect(page.locator("#held")).to_contain_text("Sent to customer-0", timeout=15_000)
    expect(draft_on(page)).to_be_focused()
    assert sent_to("customer-0") == ["Draft 0 for you."]


def test_a_page_that_is_closed_takes_no_decision_with_it(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent)
    page.keyboard.press("a")
    open_customer(page, "customer-1")

    page.context.close()

    assert sent_to("customer-0") == []
    wait_for(lambda: sent_to("customer-0") == ["Draft 0 for you."], seconds=15)


def test_a_double_click_sends_one_message_and_decides_on_one_draft(world, account, desk):
    drafts_of(account, 3)
    page = desk(world.agent)
    draft_on(page).fill("Edited")

    page.get_by_role("button", name="Send edited to customer-0").dblclick()

    open_customer(page, "customer-1")
    expect(draft_on(page)).to_have_value("Draft 1 for you.")
    assert sent_to("customer-0") == ["Edited"]
    assert Message.objects.filter(actor="assistant").count() == 1
    assert Reply.objects.awaiting_approval().count() == 2


def test_the_queue_follows_along_and_leaves_editor_and_scroll_alone(world, account, granian, desk):
    drafts_of(account, 20)
    page = desk(world.agent)
    draft_on(page).fill("Half a sentence")
    page.keyboard.press("ArrowLeft")
    scrolled = "document.querySelector('.desk-scroll').scrollTop"
    page.evaluate(f"{scrolled} = 300")
    page.evaluate("document.querySelector('#draft-form').isTheSame = true")

    with streams.opened(granian, account.token, conversationId="newcomer", textContent="Me too") as stream:
        stream.until("pending")

    page.get_by_role("link", name="newcomer").wait_for()
    expect(page.get_by_text("21 drafts wait")).to_be_visible()
    assert page.evaluate(scrolled) == 300
    expect(draft_on(page)).to_be_focused()
    expect(draft_on(page)).to_have_value("Half a sentence")
    assert draft_on(page).evaluate("area => area.selectionStart") == len("Half a sentenc")
    assert page.evaluate("document.querySelector('#draft-form').isTheSame")


def test_a_first_draft_opens_by_itself_where_none_waited(world, account, granian, desk):
    page = desk(world.agent)
    page.get_by_text("Nothing to decide").wait_for()

    with streams.opened(granian, account.token, conversationId="newcomer", textContent="Hello") as stream:
        stream.until("pending")

    open_customer(page, "newcomer")


def test_another_draft_takes_the_place_of_the_old_one(world, account, provider, desk):
    drafts_of(account, 2)
    provider.script(Answer(deltas=["Shorter."]))
    page = desk(world.agent)

    page.keyboard.press("g")
    page.keyboard.type("shorter, please")
    page.keyboard.press("Enter")

    page.get_by_text("Another draft").first.wait_for()
    expect(draft_on(page)).to_have_value("Shorter.", timeout=15_000)
    open_customer(page, "customer-0")
    assert EarlierDraft.objects.get().instruction == "shorter, please"
    page.get_by_text("The draft before").click()
    expect(page.locator(".approval-thread").get_by_text("Draft 0 for you.")).to_be_visible()
    page.keyboard.press("a")
    open_customer(page, "customer-1")


def test_another_draft_is_only_offered_to_somebody_who_types(world, account, provider, desk):
    drafts_of(account, 1)
    provider.script(Answer(deltas=["Shorter."]))
    mina, olga = desk(world.agent), desk(world.owner)
    draft_on(mina).fill("Mina types")

    olga.keyboard.press("g")
    olga.keyboard.press("Enter")

    mina.get_by_role("link", name="Show the new draft").wait_for()
    expect(draft_on(mina)).to_have_value("Mina types")
    expect(mina.get_by_role("button", name="Send edited to customer-0")).to_be_disabled()
    mina.get_by_role("link", name="Show the new draft").click()
    expect(draft_on(mina)).to_have_value("Shorter.")


def test_what_was_typed_outlives_going_on_and_loading_again(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent)
    draft_on(page).fill("Not finished")
    draft_on(page).press("Escape")
    page.keyboard.press("j")
    open_customer(page, "customer-1")
    page.keyboard.press("k")
    open_customer(page, "customer-0")
    expect(draft_on(page)).to_have_value("Not finished")

    page.reload()
    expect(draft_on(page)).to_have_value("Not finished")
    expect(page.get_by_text("Changed, not sent")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("You changed the draft.")
    assert not Reply.objects.in_hold().exists()

    page.get_by_role("button", name="Take my changes back").click()
    draft_on(page).press("Escape")
    page.keyboard.press("a")
    open_customer(page, "customer-1")


def test_a_server_that_cannot_be_reached_takes_nothing_from_the_editor(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent)
    draft_on(page).fill("Typed with care")
    page.route("**/approve-edited/", lambda route: route.abort())
    draft_on(page).press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("The server could not be reached.")
    expect(draft_on(page)).to_have_value("Typed with care")

    page.unroute("**/approve-edited/")
    draft_on(page).press("Control+Enter")

    open_customer(page, "customer-1")
    assert sent_to("customer-0") == ["Typed with care"]
    expect(page.get_by_role("alert")).to_be_empty()


def test_the_back_button_leads_through_what_was_opened_and_the_page_stays_alive(world, account, granian, desk):
    drafts_of(account, 3)
    page = desk(world.agent)
    page.get_by_role("link", name="customer-2").click()
    open_customer(page, "customer-2")

    page.go_back()
    open_customer(page, "customer-0")
    page.go_forward()
    open_customer(page, "customer-2")

    with streams.opened(granian, account.token, conversationId="newcomer", textContent="Me too") as stream:
        stream.until("pending")
    page.get_by_role("link", name="newcomer").wait_for()
    page.keyboard.press("k")
    open_customer(page, "customer-1")


def test_search_narrows_the_queue_and_deciding_stays_within_it(world, account, desk):
    drafts_of(account, 12)
    page = desk(world.agent)

    page.keyboard.press("/")
    page.keyboard.type("customer-1")
    expect(page.get_by_text("3 drafts wait and match")).to_be_visible()
    page.get_by_role("link", name="customer-10").click()
    open_customer(page, "customer-10")
    page.keyboard.press("a")

    open_customer(page, "customer-11")
    expect(page.get_by_role("searchbox")).to_have_value("customer-1")
    expect(page.get_by_text("2 drafts wait and match")).to_be_visible()


def test_on_a_phone_the_draft_comes_after_the_list(world, account, desk):
    drafts_of(account, 2)
    page = desk(world.agent, viewport={"width": 360, "height": 740})
    expect(page.get_by_role("link", name="customer-1")).to_be_visible()
    expect(draft_on(page)).to_be_hidden()

    page.get_by_role("link", name="customer-1").click()
    expect(draft_on(page)).to_have_value("Draft 1 for you.")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    send_button(page, "customer-1").click()
    expect(draft_on(page)).to_have_value("Draft 0 for you.")
    expect(page.get_by_role("button", name="Undo: sending to customer-1")).to_be_in_viewport()

    page.get_by_role("link", name="All drafts").click()
    expect(page.get_by_role("link", name="customer-0")).to_be_visible()


def test_without_scripts_drafts_are_decided_page_by_page(world, account, desk):
    drafts_of(account, 4)
    page = desk(world.agent, java_script_enabled=False)

    draft_on(page).fill("Changed words.")
    send_button(page, "customer-0").click()
    expect(page.get_by_text("You changed the draft.")).to_be_visible()
    expect(draft_on(page)).to_have_value("Changed words.")
    page.get_by_role("button", name="Send edited to customer-0").click()
    open_customer(page, "customer-1")
    page.locator("summary", has_text="Reject").click()
    page.get_by_label("Why?").fill("wrong price")
    page.get_by_role("button", name="Reject the draft").click()
    open_customer(page, "customer-2")
    page.get_by_role("button", name="Undo: dropping the draft for customer-1").click()
    open_customer(page, "customer-1")
    page.get_by_role("link", name="Next draft").click()
    open_customer(page, "customer-2")
    page.locator("summary", has_text="Reply by hand").click()
    page.get_by_label("Your own words").fill("By hand.")
    page.get_by_role("button", name="Send yours to customer-2").click()
    open_customer(page, "customer-3")

    assert [sent_to(f"customer-{number}") for number in range(3)] == [["Changed words."], [], ["By hand."]]


def test_every_state_of_the_page_is_accessible_and_fits_a_phone(world, account, desk):
    drafts_of(account, 6)
    said = []
    page = desk(world.agent, reduced_motion="reduce")
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.evaluate(AXE_SCRIPT)
    page.get_by_role("link", name="customer-0").click()
    expect(page.get_by_role("heading", level=2, name="customer-0")).to_be_focused()

    def look_at(state):
        found = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            broken = page.evaluate(RUN_AXE, {"type": "tag", "values": WCAG})
            found += [f"{state}, {scheme}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in broken]
        page.set_viewport_size({"width": 360, "height": 740})
        found += [f"{state}: {one}" for one in page.evaluate(SIDEWAYS)]
        page.set_viewport_size({"width": 1280, "height": 800})
        return found

    problems = look_at("a draft")
    draft_on(page).fill("Changed")
    problems += look_at("changed")
    draft_on(page).press("Escape")
    page.keyboard.press("a")
    problems += look_at("changed, and told so")
    page.get_by_role("button", name="Take my changes back").click()
    draft_on(page).press("Escape")
    for key in "xgrn":
        page.keyboard.press(key)
        problems += look_at(f"the panel of {key}")
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    problems += look_at("the keys")
    page.keyboard.press("Escape")
    for number in range(2):
        page.keyboard.press("a")
        open_customer(page, f"customer-{number + 1}")
    problems += look_at("two decisions held")
    Reply.objects.filter(text="Draft 2 for you.").update(status="canceled")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('lumika:conversation'))")
    page.get_by_text("The reply was stopped.").wait_for()
    problems += look_at("a draft that is gone")

    assert problems + said == [], "\n".join(problems + said)
