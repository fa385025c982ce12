"""Photographs every page of a running demo: ``python -m tests.browser.camera URL FOLDER``."""

import sys
from pathlib import Path

import django

django.setup()

from django.db import transaction
from playwright.sync_api import BrowserContext, sync_playwright

from integrations.models import IntegrationAccount
from lumika import demo
from tests import machine, site_map
from tests.browser.conftest import FLAGS
from tests.browser.pages import Page, objects_of_accounts, pages
from tests.factories.bulk import answered_messages
from workspaces.models import User, Workspace

WIDTHS = {"desk": 1280, "phone": 390}
HEIGHT = 800
MESSAGES = 900


def main(url: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    described = demo.refresh()
    owner = User.objects.get(email=described["email"])
    workspace = Workspace.objects.get(slug=described["workspace"])
    objects = site_map.furnish(workspace)
    account = IntegrationAccount.objects.filter(workspace=workspace).earliest("created_at")
    with transaction.atomic():
        answered_messages(account, count=MESSAGES, days=13)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=machine.program("chromium"), args=FLAGS)
        with chromium.new_context(base_url=url, reduced_motion="reduce") as context:
            objects |= objects_of_accounts(context, owner)
            shoot(context, pages(context, objects), folder / "visitor")
        with chromium.new_context(base_url=url, reduced_motion="reduce") as context:
            sign_in_by_form(context, described["email"], described["password"])
            shoot(context, pages(context, objects), folder / "owner")
        chromium.close()
    print(f"{len(list(folder.glob('*.png')))} screenshots are in {folder.name}/.")


def sign_in_by_form(context: BrowserContext, email: str, password: str) -> None:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/w/**")
    page.close()


def shoot(context: BrowserContext, walked: list[Page], prefix: Path) -> None:
    """Each page once loaded, in all its looks."""
    page = context.new_page()
    for one in walked:
        page.goto(one.path)
        for device, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=f"{prefix}-{one.name}-{device}-{scheme}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
