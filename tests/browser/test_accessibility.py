"""Every page in Chromium: WCAG 2.2 A and AA by axe, in light and dark; narrow phones; nothing on the console."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests import site_map
from tests.browser.pages import Page, objects_of_accounts, pages, sign_in
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 740}

OPEN_ALL = "() => document.querySelectorAll('main details').forEach((details) => { details.open = true; })"
RUN_AXE = """(only) => axe.run({ preload: false, resultTypes: ['violations'], runOnly: only })
  .then((found) => found.violations)"""
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const total = document.scrollingElement.scrollWidth;
  const tooWide = (one) => one.getBoundingClientRect().left + Math.max(one.offsetWidth, one.scrollWidth) > width + 1;
  const culprits = [...document.querySelectorAll('body *')].filter(tooWide).map((one) => one.outerHTML.slice(0, 80));
  return total > width ? [`${total} px wide: ${culprits.slice(-3).join(' ')}`] : [];
}"""


BROKEN = """<!doctype html><html lang="en"><title>Broken</title><main><h1>Broken</h1>
<p class="pale">Pale</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><pre>%s</pre>
<link rel="stylesheet" href="/pale.css"><script>alert(1)</script></main></html>""" % ("wide " * 100)
PALE = (
    ".pale { color: light-dark(#eee, #222); background: light-dark(#fff, #111); } :root { color-scheme: light dark; }"
)


@pytest.fixture
def window(browser, granian):
    """A browser window whose pages nothing animates."""
    with browser.new_context(viewport=WIDE, reduced_motion="reduce", base_url=granian) as context:
        context.set_default_timeout(15_000)
        yield context


@pytest.fixture
def as_owner(window, granian, world):
    sign_in(window, world.owner, granian)
    return window


def test_pages_of_a_workspace(as_owner, world):
    found = pages(as_owner, site_map.furnish(world.workspace))
    walked = [page for page in found if page.path.startswith("/w/")]
    assert len(walked) > 15

    assert problems(as_owner, walked) == []


def test_pages_of_an_empty_workspace(as_owner, world):
    names = ["", "integrations/", "responders/", "knowledge/", "members/", "settings/"]
    walked = [Page(name=name, path=f"/w/{world.workspace.slug}/{name}") for name in names]

    assert problems(as_owner, walked) == []


def test_pages_of_a_person(as_owner, world):
    objects = site_map.furnish(world.workspace) | objects_of_accounts(as_owner, world.owner)
    own = ("/accounts/", "/account/", "/workspaces/")
    walked = [page for page in pages(as_owner, objects) if page.path.startswith(own)]
    assert len(walked) > 8

    assert problems(as_owner, walked) == []


def test_pages_that_need_no_account(window, world):
    objects = site_map.furnish(world.workspace) | objects_of_accounts(window, UserFactory())
    walked = pages(window, objects)
    assert {"/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"} <= {page.path for page in walked}

    assert problems(window, walked) == []


def test_a_broken_page_is_seen(window):
    policy = {"Content-Security-Policy": "script-src 'self'"}
    window.route("**/broken/", lambda route: route.fulfill(body=BROKEN, content_type="text/html", headers=policy))
    window.route("**/pale.css", lambda route: route.fulfill(body=PALE, content_type="text/css"))

    found = "\n".join(problems(window, [Page(name="broken", path="/broken/")]))

    for problem in ("image-alt", "/broken/ color-contrast", "dark: color-contrast", "sideways at 360", "console:"):
        assert problem in found


def problems(context, walked):
    return [problem for page in walked for problem in _problems(context, page)]


def _problems(context, walked):
    """Opens one page: what axe finds, what is wider than a phone, what the console says."""
    page, found = context.new_page(), []
    page.on("console", lambda message: message.type == "error" and found.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    try:
        page.emulate_media(color_scheme="light")
        page.goto(walked.path)
        page.evaluate(OPEN_ALL)
        page.evaluate(AXE_SCRIPT)
        found += _violations(page, {"type": "tag", "values": WCAG})
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in _violations(page, {"type": "rule", "values": ["color-contrast"]})]
        page.set_viewport_size(NARROW)
        found += [f"sideways at 360: {problem}" for problem in page.evaluate(SIDEWAYS)]
        found += [f"narrow: {one}" for one in _violations(page, {"type": "rule", "values": ["target-size"]})]
    finally:
        page.close()
    return [f"{walked.path} {one}" for one in found]


def _violations(page, rules):
    found = page.evaluate(RUN_AXE, rules)
    return [f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]
