"""A person without a mouse: Tab, Enter and typing, and nothing else."""

from typing import Any

MOST_TABS = 60
IS_FOCUSED = "(found) => found.includes(document.activeElement) && document.activeElement.matches(':focus-visible')"


def tab_to(target: Any) -> None:
    """Presses Tab until the focus is visibly on this element."""
    for _ in range(MOST_TABS):
        target.page.keyboard.press("Tab")
        if target.evaluate_all(IS_FOCUSED):
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not lead to {target} on {target.page.url}")


def press(page: Any, role: str, name: str) -> None:
    tab_to(page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def follow(page: Any, role: str, name: str, *, to: str) -> None:
    """Presses it, and waits for the page with this heading."""
    press(page, role, name)
    page.get_by_role("heading", level=1, name=to, exact=True).wait_for()
    page.wait_for_load_state()


def write(page: Any, label: str, text: str) -> None:
    tab_to(page.get_by_label(label, exact=True))
    page.keyboard.type(text)
