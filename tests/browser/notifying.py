"""What the tests of notifications share: a stand-in for what a browser does with them, customers who write, agents who
decide, and what a page told so far."""

from tests.ground import streams

STAND_IN = """
window.made = [];
window.sounds = 0;
window.isAway = sessionStorage.getItem("away") === "yes";
for (const name of ["hidden", "visibilityState"]) {
  Object.defineProperty(document, name, { get: () => (name === "hidden" ? isAway : isAway ? "hidden" : "visible") });
}
window.look = (elsewhere) => { isAway = elsewhere; document.dispatchEvent(new Event("visibilitychange")); };
window.Notification = class {
  static permission = localStorage.getItem("permission") ?? "granted";
  static async requestPermission() { return (this.permission = localStorage.getItem("answer") ?? "granted"); }
  constructor(title, { tag }) { Object.assign(this, { title, tag, isOpen: true }); made.push(this); }
  close() { this.isOpen = false; }
};
const Tone = window.OscillatorNode;
window.OscillatorNode = class extends Tone { start(at) { sounds += 1; super.start(at); } };
"""
NOTES = 2
ANNOUNCE = "document.body.dispatchEvent(new CustomEvent('lumika:changed'))"


def ask(granian, account, customer):
    """A customer writes, and the responder's draft begins to wait."""
    with streams.opened(granian, account.token, conversationId=customer, textContent="When?") as stream:
        stream.until("pending")


def decide_on(page, customer):
    """Another agent, in a browser of their own: the oldest draft is open there."""
    page.reload()
    page.get_by_role("button", name=f"Send to {customer}").click()


def until(page, condition, argument=None):
    page.wait_for_function(f"(argument) => {condition}", arg=argument)


def made(page):
    """Title and whether it still stands, of each notification."""
    return [tuple(one) for one in page.evaluate("made.map(({ title, isOpen }) => [title, isOpen])")]


def looked_again(page):
    """Waits until the page has compared the drafts once more; what it would have told, it has told then."""
    for _ in range(2):
        with page.expect_response("**/approvals/waiting/") as answer:
            page.evaluate(ANNOUNCE)
        answer.value.finished()


def notice(customer):
    return f"A draft for {customer} waits for approval"
