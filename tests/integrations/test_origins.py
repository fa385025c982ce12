"""Allowed domains and the origins of requests."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations import domains, origins
from integrations.origins import Caller, Origin

OWN = "https://chat.lumika.example"


def call(
    origin: list[str] | str | None = None, referer: str | None = None, sec_fetch_site: str | None = None
) -> Caller:
    return origins.caller(origin=origin, referer=referer, sec_fetch_site=sec_fetch_site, own_origin=OWN)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("example.com", "example.com"),
        (" Example.COM. ", "example.com"),
        ("HTTPS://Example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("http://example.com:443", "http://example.com:443"),
        ("https://example.com:80", "https://example.com:80"),
        ("example.com:443", "example.com"),
        ("example.com:80", "example.com:80"),
        ("example.com:08443", "example.com:8443"),
        ("*.Example.com:8443", "*.example.com:8443"),
        ("http://*.example.com", "http://*.example.com"),
        ("intranet", "intranet"),
        ("my_shop.example.com", "my_shop.example.com"),
        ("r3---sn.example.com", "r3---sn.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER。example", "xn--bcher-kva.example"),
        ("xn--BCHER-kva.example", "xn--bcher-kva.example"),
        ("*.faß.de", "*.xn--fa-hia.de"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("192.0.2.1:8000", "192.0.2.1:8000"),
        ("１９２.0.2.1", "192.0.2.1"),
        ("[2001:DB8:0:0::1]:443", "[2001:db8::1]"),
        ("localhost", "localhost"),
        ("localhost:443", "localhost:443"),
        ("localhost:80", "localhost:80"),
        ("http://localhost:80", "http://localhost"),
        ("[0:0:0:0:0:0:0:1]:3000", "[::1]:3000"),
    ],
)
def test_an_entry_is_kept_in_canonical_form(written: str, canonical: str) -> None:
    assert domains.canonical_entry(written) == canonical
    assert domains.canonical_entry(canonical) == canonical


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("", "missing"),
        ("https://", "missing"),
        ("*.", "missing"),
        (":8000", "missing"),
        ("exa mple", "spaces"),
        ("a.example\nb.example", "spaces"),
        ("exa\x00mple", "spaces"),
        ("a.example,b.example", "one domain per entry"),
        ("http://a@b", "user name"),
        ("user:pass@b.example", "user name"),
        ("https://example.com/", "path"),
        ("example.com/chat", "path"),
        ("//example.com", "path"),
        ("https:\\\\example.com", "path"),
        ("example.com?a=b", "from the ? or #"),
        ("example.com#a", "from the ? or #"),
        ("*", "leave the list empty"),
        ("https://*", "leave the list empty"),
        ("*:8000", "leave the list empty"),
        ("*.*.example.com", "asterisk can only stand once"),
        ("a.*.example.com", "asterisk can only stand once"),
        ("*shop.example.com", "asterisk can only stand once"),
        ("example.*", "asterisk can only stand once"),
        ("*.192.0.2.1", "before an IP address"),
        ("*.[::1]", "before an IP address"),
        ("example.com:", "65535"),
        ("example.com:0", "65535"),
        ("example.com:65536", "65535"),
        ("example.com:abc", "65535"),
        ("example.com:-1", "65535"),
        ("example.com:٣", "65535"),
        ("http:example.com", "65535"),
        ("javascript:alert(1)", "65535"),
        ("a..example", "between the dots"),
        (".example.com", "before or between the dots"),
        ("example.com..", "between the dots"),
        ("a" * 64 + ".example", "too long"),
        ("a." * 126 + "example", "too long"),
        ("a" * 400, "too long"),
        ("::1", "brackets"),
        ("2001:db8::1", "brackets"),
        ("example.com:80:90", "brackets"),
        ("[::1", "IPv6"),
        ("[fe80::1%eth0]", "IPv6"),
        ("[example.com]", "IPv6"),
        ("[::1]8000", "65535"),
        ("256.0.0.1", "IPv4"),
        ("127.1", "IPv4"),
        ("0x7f.0.0.0x1", "IPv4"),
        ("ftp://example.com", "Only http"),
        ("chrome-extension://abc", "Only http"),
        ("://example.com", "Only http"),
        ("https://http://example.com", "Only http"),
        ("exa!mple.com", "letters, digits"),
        ("☃.example", "xn--"),
    ],
)
def test_a_mistaken_entry_is_refused_with_what_to_write_instead(written: str, advice: str) -> None:
    with pytest.raises(domains.InvalidDomain, match=advice.replace("?", r"\?")):
        domains.canonical_entry(written)


@pytest.mark.parametrize(
    ("refused", "accepted"),
    [
        ("*.com", "*.example.com"),
        ("*.co.uk", "*.example.co.uk"),
        ("https://*.github.io:8443", "https://*.somebody.github.io:8443"),
        ("*.рф", "*.пример.рф"),
        ("*.kobe.jp", "*.city.kobe.jp"),
        ("*.amazonaws.com", "*.bucket.s3.amazonaws.com"),
        ("*.unheard-of-suffix", "*.localhost"),
        ("*.com.", "com"),
    ],
)
def test_an_asterisk_may_not_stand_before_a_domain_that_strangers_share(refused: str, accepted: str) -> None:
    assert domains.canonical_entry(accepted)

    with pytest.raises(domains.InvalidDomain, match="strangers"):
        domains.canonical_entry(refused)


@given(st.text() | st.from_regex(r"(https?://)?(\*\.)?[a-zü0-9.\[\]:-]{0,20}(:[0-9]{0,6})?", fullmatch=True))
@example("\ud800")
@example("\u00ad")
@example("xn--\u00fc")
def test_any_text_is_an_entry_in_canonical_form_or_refused(text: str) -> None:
    try:
        canonical = domains.canonical_entry(text)
    except domains.InvalidDomain:
        return

    assert canonical.isascii()
    assert domains.canonical_entry(canonical) == canonical


@pytest.mark.parametrize(
    ("entry", "allowed", "refused"),
    [
        (
            "example.com",
            ["https://example.com", "https://example.com:443", "https://EXAMPLE.com."],
            [
                "http://example.com",
                "https://example.com:8443",
                "https://www.example.com",
                "https://example.com.evil.test",
                "https://evilexample.com",
                "https://example.co",
            ],
        ),
        ("http://example.com", ["http://example.com"], ["https://example.com", "http://example.com:8080"]),
        ("example.com:8443", ["https://example.com:8443"], ["https://example.com", "http://example.com:8443"]),
        (
            "*.example.com",
            ["https://a.example.com", "https://a.b.example.com", "https://my_shop.example.com"],
            [
                "https://example.com",
                "http://a.example.com",
                "https://a.example.com:8443",
                "https://evilexample.com",
                "https://a.example.com.evil.test",
                "https://.example.com",
                "https://*.example.com",
            ],
        ),
        (
            "localhost",
            ["http://localhost", "https://localhost", "http://localhost:3000"],
            ["http://a.localhost", "http://127.0.0.1", "http://localhost.evil.test"],
        ),
        ("localhost:3000", ["http://localhost:3000", "https://localhost:3000"], ["http://localhost"]),
        ("localhost:443", ["https://localhost"], ["http://localhost", "https://localhost:3000"]),
        ("http://localhost", ["http://localhost"], ["https://localhost", "http://localhost:3000"]),
        ("127.0.0.1", ["http://127.0.0.1:8000"], ["http://127.0.0.2", "http://localhost"]),
        ("[::1]", ["http://[::1]:8000", "https://[0:0::1]"], ["http://[::2]"]),
        ("bücher.example", ["https://xn--bcher-kva.example"], ["https://bucher.example", "https://bücher.example"]),
    ],
)
def test_an_entry_allows_its_origins_and_no_other(entry: str, allowed: list[str], refused: list[str]) -> None:
    entries = [domains.canonical_entry(entry)]

    assert [o for o in allowed if not origins.admits(call(origin=o), entries, kind="api")] == []
    assert [o for o in refused if origins.admits(call(origin=o), entries, kind="api")] == []


def test_one_matching_entry_of_many_is_enough_and_an_unreadable_one_allows_nothing() -> None:
    caller = call(origin="https://a.example")

    assert origins.admits(caller, ["b.example", "no domain", "a.example"], kind="api")
    assert not origins.admits(caller, ["b.example", "no domain"], kind="api")
    assert not origins.admits(caller, ["no domain"], kind="api")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://",
        "a.example",
        "//a.example",
        "https:a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://user@a.example",
        "https://a.example, https://a.example",
        "https://a.example https://a.example",
        ["https://a.example", "https://a.example"],
        ["https://a.example", ""],
        ["", "https://a.example"],
        "https://a.example:0",
        "https://a.example:99999",
        "https://a.example:",
        "https://a.example\n",
        "https://a.example\\.evil.test",
        "ftp://a.example",
        "capacitor://a.example",
        "https://" + "a" * 500,
        "https://é.example",
    ],
)
def test_an_unusable_origin_matches_no_list_but_passes_an_empty_one(origin: list[str] | str) -> None:
    assert origins.admits(call(origin="https://a.example"), ["a.example"], kind="api")

    caller = call(origin=origin, referer="https://a.example/", sec_fetch_site="same-origin")

    assert caller.is_browser
    assert caller.origin is None
    assert not origins.admits(caller, ["a.example", "chat.lumika.example"], kind="api")
    assert origins.admits(caller, [], kind="api")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": "https://a.example:8443"}, Origin("https", "a.example", 8443)),
        ({"origin": ["https://a.example"]}, Origin("https", "a.example", 443)),
        ({"origin": "http://a.example", "referer": "https://b.example/"}, Origin("http", "a.example", 80)),
        ({"referer": "https://a.example/page?q=https://b.example/#x"}, Origin("https", "a.example", 443)),
        ({"referer": "https://a.example"}, Origin("https", "a.example", 443)),
        ({"origin": [], "referer": "http://[::1]:3000/"}, Origin("http", "[::1]", 3000)),
        ({"referer": "https://a.example/", "sec_fetch_site": "same-origin"}, Origin("https", "a.example", 443)),
        ({"sec_fetch_site": "same-origin"}, Origin("https", "chat.lumika.example", 443)),
        ({"referer": "", "sec_fetch_site": "same-origin"}, Origin("https", "chat.lumika.example", 443)),
        ({"referer": ""}, None),
        ({"referer": "about:blank"}, None),
        ({"referer": "https://user@a.example/"}, None),
        ({"referer": "https://b.example\\@a.example/"}, None),
        ({"referer": "android-app://a.example/"}, None),
        ({"sec_fetch_site": "cross-site"}, None),
        ({"sec_fetch_site": "same-site"}, None),
        ({"sec_fetch_site": "none"}, None),
    ],
)
def test_a_request_with_one_of_the_headers_comes_from_a_browser(headers, expected: Origin | None) -> None:  # type: ignore[no-untyped-def]
    caller = call(**headers)

    assert caller.is_browser
    assert caller.origin == expected


@pytest.mark.parametrize("headers", [{}, {"origin": []}])
def test_a_request_without_the_headers_comes_from_a_server(headers: dict[str, list[str]]) -> None:
    assert call(origin="https://a.example").is_browser

    assert call(**headers) == Caller(is_browser=False, origin=None, allow_origin=None)


def test_a_widget_with_allowed_domains_refuses_servers_and_an_api_account_accepts_them() -> None:
    page, server = call(origin="https://a.example"), call()

    assert origins.admits(page, ["a.example"], kind="widget")
    assert origins.admits(server, [], kind="widget")
    assert origins.admits(server, ["a.example"], kind="api")

    assert not origins.admits(server, ["a.example"], kind="widget")


@pytest.mark.parametrize(
    ("headers", "allow_origin"),
    [
        ({"origin": "https://a.example"}, "https://a.example"),
        ({"origin": "https://a.example."}, "https://a.example."),
        ({"origin": "null"}, "null"),
        ({"origin": "capacitor://localhost"}, "capacitor://localhost"),
        ({"referer": "https://a.example:8443/page"}, "https://a.example:8443"),
        ({"sec_fetch_site": "same-origin"}, OWN),
        ({"sec_fetch_site": "cross-site"}, None),
        ({"origin": ["https://a.example", "https://b.example"]}, None),
        ({"origin": "https://a.example\r\nSet-Cookie: a=b"}, None),
        ({"origin": ""}, None),
        ({}, None),
    ],
)
def test_the_answer_names_the_origin_as_the_browser_wrote_it(headers, allow_origin: str | None) -> None:  # type: ignore[no-untyped-def]
    assert call(**headers).allow_origin == allow_origin


@pytest.mark.parametrize(
    ("origin", "entry"),
    [
        ("https://a.example", "a.example"),
        ("https://a.example:8443", "a.example:8443"),
        ("http://a.example", "http://a.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://localhost", "https://localhost"),
    ],
)
def test_a_refused_origin_offers_the_entry_that_allows_it_alone(origin: str, entry: str) -> None:
    refused = call(origin=origin)
    assert refused.origin

    assert refused.origin.entry == entry == domains.canonical_entry(entry)
    assert origins.admits(refused, [entry], kind="api")
    assert not origins.admits(call(origin=origin + "1"), [entry], kind="api")


@given(st.none() | st.text() | st.lists(st.text(), max_size=3), st.none() | st.text(), st.none() | st.text())
def test_no_request_is_an_exception(
    origin: list[str] | str | None, referer: str | None, sec_fetch_site: str | None
) -> None:
    caller = call(origin, referer, sec_fetch_site)

    assert not (caller.is_browser and origins.admits(caller, ["a.example"], kind="api"))
