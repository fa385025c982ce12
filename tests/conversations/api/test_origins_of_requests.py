"""Who may call from where, over HTTP: allowed domains and CORS (docs/api.md, section 2)."""

import pytest
from django.conf import settings

from conversations.models import Message
from integrations.models import RefusedOrigin
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange
from tests.ground.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

DOMAINS = ["example.com", "*.shop.example", "http://plain.example:8080", "localhost", "xn--mnchen-3ya.example"]
HERE = ("Origin", "https://example.com")
AWAY = ("Origin", "https://evil.example")
SSE, HISTORY = "/conversation/sse", "/conversation/history"

ALLOWED = [
    ([HERE], "https://example.com"),
    ([("Origin", "https://example.com:443")], "https://example.com:443"),
    ([("Origin", "https://EXAMPLE.com")], "https://EXAMPLE.com"),
    ([("Origin", "https://a.shop.example")], "https://a.shop.example"),
    ([("Origin", "https://a.b.shop.example")], "https://a.b.shop.example"),
    ([("Origin", "http://plain.example:8080")], "http://plain.example:8080"),
    ([("Origin", "http://localhost:5173")], "http://localhost:5173"),
    ([("Origin", "https://localhost")], "https://localhost"),
    ([("Origin", "https://xn--mnchen-3ya.example")], "https://xn--mnchen-3ya.example"),
    ([HERE, ("Referer", "https://evil.example/")], "https://example.com"),
    ([HERE, ("Sec-Fetch-Site", "cross-site")], "https://example.com"),
    ([("Referer", "https://example.com/a?b=https://evil.example")], "https://example.com"),
    ([("Sec-Fetch-Site", "same-origin")], settings.PUBLIC_URL),
]
REFUSED = [
    [AWAY],
    [("Origin", "http://example.com")],
    [("Origin", "https://example.com:8443")],
    [("Origin", "https://shop.example")],
    [("Origin", "https://notexample.com")],
    [("Origin", "https://example.com.evil.example")],
    [("Origin", "https://evil.example#example.com")],
    [("Origin", "https://example.com@evil.example")],
    [("Origin", "http://plain.example")],
    [("Origin", "null")],
    [("Origin", "")],
    [("Origin", "example.com")],
    [("Origin", "https://example.com/")],
    [("Origin", "file://")],
    [("Origin", "chrome-extension://example.com")],
    [("Origin", "https://m\xfcnchen.example")],
    [("Origin", "https://example.com https://example.com")],
    [("Origin", "https://example.com, https://example.com")],
    [HERE, HERE],
    [HERE, AWAY],
    [AWAY, HERE],
    [AWAY, ("Referer", "https://example.com/")],
    [AWAY, ("Sec-Fetch-Site", "same-origin")],
    [("Origin", "null"), ("Referer", "https://example.com/")],
    [("Referer", "https://evil.example/?https://example.com/")],
    [("Referer", "example.com")],
    [("Referer", "about:blank")],
    [("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "none")],
]


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi."]))


@pytest.fixture
def listed(account):
    account.allowed_domains = DOMAINS
    account.save()
    return account


def target(path, token, query=""):
    text = "&textContent=Hello" if path == SSE else ""
    return f"{path}?integrationToken={token}&conversationId=customer-42{text}{query}"


def cors(answer):
    """The CORS headers of an answer, without the constant ones."""
    assert answer.headers.get_all("Vary") in (["Origin"], ["Origin, Access-Control-Request-Headers"])
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert len(answer.headers.get_all("Access-Control-Allow-Origin", [])) <= 1
    return answer.headers["Access-Control-Allow-Origin"]


def test_an_origin_on_the_list_may_send_and_read(server, listed):
    for headers, origin in ALLOWED:
        answer = exchange(server, target(HISTORY, listed.token), headers=headers)
        assert (answer.status, cors(answer)) == (200, origin), headers
        stream = exchange(server, target(SSE, listed.token), headers=headers)
        assert (stream.status, cors(stream)) == (200, origin), headers

    assert Message.objects.filter(actor="customer").count() == len(ALLOWED)
    assert not RefusedOrigin.objects.exists()


def test_any_other_origin_is_refused_and_learns_nothing(server, listed):
    assert exchange(server, target(SSE, listed.token), headers=[HERE]).status == 200

    for headers in REFUSED:
        for path in (SSE, HISTORY):
            answer = exchange(server, target(path, listed.token), headers=headers)
            assert answer.error == (403, "origin_not_allowed", None), headers
            assert cors(answer) is None, headers
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Request-ID"]

    assert Message.objects.filter(actor="customer").count() == 1


def test_a_refusal_says_which_entry_would_allow_the_origin(server, listed):
    origin = [("Origin", "https://Shop.example:8443")]

    answer = exchange(server, target(HISTORY, listed.token), headers=origin)

    assert "Add shop.example:8443 under Allowed domains." in answer.json["error"]["message"]
    listed.allowed_domains = ["shop.example:8443"]
    listed.save()
    assert exchange(server, target(HISTORY, listed.token), headers=origin).status == 200


@pytest.mark.parametrize("kind", ["api", "widget"])
def test_an_empty_list_lets_in_any_origin(server, world, model, kind):
    account = AccountFactory(workspace=world.workspace, responder=model, kind=kind)
    for headers in [[], [AWAY], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")]]:
        stream = exchange(server, f"{SSE}?integrationToken={account.token}&textContent=Hello", headers=headers)
        assert (stream.status, cors(stream)) == (200, dict(headers).get("Origin")), headers


def test_a_server_may_call_an_api_account_but_no_widget_with_a_list(server, world, model, listed):
    widget = AccountFactory(workspace=world.workspace, responder=model, kind="widget", allowed_domains=DOMAINS)
    send = f"{SSE}?integrationToken={widget.token}&textContent=Hello"
    assert exchange(server, send, headers=[HERE]).status == 200
    before = Message.objects.count()

    refused = exchange(server, send)
    accepted = exchange(server, target(SSE, listed.token))

    assert refused.error == (403, "origin_not_allowed", None)
    assert cors(refused) is None
    assert (accepted.status, cors(accepted)) == (200, None)
    assert Message.objects.count() == before + 2


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_errors_can_be_read_by_the_page_that_made_them(server, listed, path):
    """A page that cannot read the error sees only that the network failed."""
    final = streams.whole(server, listed.token, conversationId="customer-42", textContent="Hello")[-1]
    good = target(path, listed.token)
    navigate = [HERE, ("Sec-Fetch-Mode", "navigate")]

    answers = {
        400: exchange(server, good + "&conversationId=again", headers=[HERE]),
        401: exchange(server, target(path, "nonsense"), headers=[HERE]),
        405: exchange(server, good, method="POST", headers=[HERE, ("Content-Length", "0")]),
    }
    if path == SSE:
        answers |= {
            204: exchange(server, f"{good}&lastEventId={final.id}", headers=[HERE]),
            404: exchange(server, f"{good}&lastEventId=nonsense", headers=[HERE]),
            406: exchange(server, good, headers=navigate),
            413: exchange(server, good.replace("Hello", "a" * 4001), headers=[HERE]),
        }
    else:
        answers[404] = exchange(server, f"{good}&afterId=nonsense", headers=[HERE])

    for status, answer in answers.items():
        assert (answer.status, cors(answer)) == (status, HERE[1])
        assert answer.headers["X-Request-ID"]
        assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]
    signed = exchange(server, f"{good}&conversationSignature=wrong", headers=[HERE])
    assert (signed.error, cors(signed)) == ((403, "invalid_signature", "conversationSignature"), HERE[1])


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_preflight_needs_no_token_and_stores_nothing(server, listed, path):
    for origin in [HERE, AWAY, ("Origin", "null")]:
        asked = [("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization")]
        answer = exchange(server, path, method="OPTIONS", headers=[origin, *asked])
        assert (answer.status, answer.body) == (204, b"")
        assert cors(answer) == origin[1]
        assert answer.headers["Access-Control-Allow-Methods"] == "GET"
        allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"authorization", "last-event-id"} <= allowed
        assert int(answer.headers["Access-Control-Max-Age"]) > 0

    assert not Message.objects.exists()
    assert not RefusedOrigin.objects.exists()


def test_two_origins_are_never_echoed(server, listed):
    for headers in ([HERE, HERE], [HERE, AWAY]):
        answer = exchange(server, HISTORY, method="OPTIONS", headers=headers)
        assert (answer.status, cors(answer)) == (204, None)


def test_refused_origins_are_counted_on_their_account(server, listed, world):
    sibling = AccountFactory(workspace=world.workspace, allowed_domains=DOMAINS)
    for origin in ["https://evil.example", "https://EVIL.example:443", "https://b.example:8443"]:
        assert exchange(server, target(HISTORY, listed.token), headers=[("Origin", origin)]).status == 403
    assert exchange(server, target(SSE, sibling.token), headers=[AWAY]).status == 403

    def counted():
        return set(RefusedOrigin.objects.values_list("account", "workspace", "origin", "count"))

    home = world.workspace.pk
    expected = {
        (listed.pk, home, "https://evil.example", 2),
        (listed.pk, home, "https://b.example:8443", 1),
        (sibling.pk, home, "https://evil.example", 1),
    }
    wait_for(lambda: counted() == expected)

    for headers in ([("Origin", "null")], [HERE, HERE], [("Sec-Fetch-Site", "cross-site")], [HERE]):
        exchange(server, target(HISTORY, listed.token), headers=headers)
    assert exchange(server, target(HISTORY, "nonsense"), headers=[AWAY]).status == 401
    exchange(server, target(HISTORY, sibling.token), headers=[("Origin", "https://last.example")])
    wait_for(lambda: RefusedOrigin.objects.filter(origin="https://last.example").exists())
    assert counted() == expected | {(sibling.pk, home, "https://last.example", 1)}


def test_at_most_a_hundred_refused_origins_are_kept(granian, listed, world):
    RefusedOrigin.objects.bulk_create(
        RefusedOrigin(workspace=world.workspace, account=listed, origin=f"https://{n}.example") for n in range(99)
    )

    for origin in ["https://a.example", "https://b.example", "https://0.example"]:
        assert exchange(granian, target(HISTORY, listed.token), headers=[("Origin", origin)]).status == 403
        wait_for(lambda: RefusedOrigin.objects.count() == 100)

    wait_for(lambda: RefusedOrigin.objects.get(origin="https://0.example").count == 2)
    assert not RefusedOrigin.objects.filter(origin="https://b.example").exists()
