"""Where things stand on the page."""

from tests.browser.conversation.conftest import CUSTOMER


def reply_field(page):
    return page.get_by_label(f"Reply to {CUSTOMER}")


def note_field(page):
    return page.locator("#composer-note")


def choose(page, tab):
    page.locator(".composer-tab").get_by_text(tab, exact=True).click()


def send(page):
    page.get_by_role("button", name="Send to").click()


def entries(page, text=None):
    return page.locator("#thread-latest .entry").filter(has_text=text)
