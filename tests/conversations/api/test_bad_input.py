"""What is wrong with a request is told in JSON, and nothing is stored (docs/api.md, sections 1, 4, 5 and 7)."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.apps import apps
from django.utils import timezone

from conversations.models import Message
from integrations import tokens
from tests.factories import AccountFactory
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange

pytestmark = pytest.mark.django_db(transaction=True)

SSE, HISTORY = "/conversation/sse", "/conversation/history"
VALID = {SSE: "conversationId=customer-42&textContent=Hello", HISTORY: "conversationId=customer-42"}
UNKNOWN_ID = "01a208bd-41dc-754c-8d70-8f9bcf517d0c"
UNKNOWN_EVENT = "01a208bd41dc754c8d708f9c5547cdea.1.0"
JSON_BODY = b'{"textContent": "Hello"}'

NO_TEXT = {
    "NUL": "a%00b",
    "U+FFFD": "a%EF%BF%BDb",
    "a byte that is no UTF-8": "a%FFb",
    "an overlong NUL": "a%C0%80b",
    "half a character": "a%E2%82b",
    "a lone surrogate": "a%ED%A0%80b",
}
NOT_PRINTABLE = {
    "a right-to-left mark": "a%E2%80%8Fb",
    "a right-to-left override": "%E2%80%AEab",
    "a line end": "a%0Ab",
    "a line separator": "a%E2%80%A8b",
    "a tab": "a%09b",
    "DEL": "a%7Fb",
    "a zero-width space": "a%E2%80%8Bb",
    "a no-break space": "a%C2%A0b",
}

BAD_CONVERSATIONS = {
    "conversationId twice": ("conversationId=c&conversationId=c", 400, "repeated_parameter", "conversationId"),
    "conversationId too long": (f"conversationId={'c' * 201}", 400, "invalid_parameter", "conversationId"),
    "signature twice": (
        "conversationId=c&conversationSignature=a&conversationSignature=a",
        400,
        "repeated_parameter",
        "conversationSignature",
    ),
} | {
    f"conversationId with {what}": (f"conversationId={value}", 400, "invalid_parameter", "conversationId")
    for what, value in (NO_TEXT | NOT_PRINTABLE).items()
}

BAD_SENDS = (
    {
        "nothing": ("", 400, "missing_parameter", "textContent"),
        "text missing": ("conversationId=c", 400, "missing_parameter", "textContent"),
        "text under another name": ("conversationId=c&textcontent=a", 400, "missing_parameter", "textContent"),
        "text as a list": ("conversationId=c&textContent[]=a", 400, "missing_parameter", "textContent"),
        "text without a value": ("conversationId=c&textContent", 400, "missing_parameter", "textContent"),
        "text empty": ("conversationId=c&textContent=", 400, "missing_parameter", "textContent"),
        "text of spaces": ("textContent=+%20%09%0D%0A%E3%80%80%C2%A0", 400, "invalid_parameter", "textContent"),
        "text twice": ("textContent=a&textContent=a", 400, "repeated_parameter", "textContent"),
        "text too long": (f"textContent={'a' * 4001}", 413, "text_too_long", "textContent"),
        "key twice": (
            "textContent=a&clientMessageId=12345678&clientMessageId=12345678",
            400,
            "repeated_parameter",
            "clientMessageId",
        ),
        "event id twice": (
            f"textContent=a&lastEventId={UNKNOWN_EVENT}&lastEventId={UNKNOWN_EVENT}",
            400,
            "repeated_parameter",
            "lastEventId",
        ),
        "signature twice on a resume": (
            f"conversationSignature=a&conversationSignature=b&lastEventId={UNKNOWN_EVENT}",
            400,
            "repeated_parameter",
            "conversationSignature",
        ),
        "conversation too long on a resume": (
            f"conversationId={'c' * 201}&lastEventId={UNKNOWN_EVENT}",
            400,
            "invalid_parameter",
            "conversationId",
        ),
        "too many parameters": ("textContent=a" + "&a=" * 1100, 400, "invalid_parameter", None),
    }
    | {
        f"text with {what}": (f"textContent={value}", 400, "invalid_parameter", "textContent")
        for what, value in NO_TEXT.items()
    }
    | {
        f"key {value[:12]}": (f"textContent=a&clientMessageId={value}", 400, "invalid_parameter", "clientMessageId")
        for value in [
            "1234567",
            "1" * 65,
            "1234.5678",
            "1234+5678",
            "12345678%00",
            "12345678%0A",
            "%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7%D9%A8",
            "%F0%9F%A6%8A%F0%9F%A6%8A1234567",
            "%ED%A0%8012345678",
        ]
    }
    | {
        f"event id {value[:40]}": (f"textContent=a&lastEventId={value}", 404, "unknown_event", "lastEventId")
        for value in [
            "nonsense",
            "0",
            UNKNOWN_EVENT,
            f"{UNKNOWN_EVENT}.x",
            f"{UNKNOWN_EVENT}%00",
            f"{UNKNOWN_EVENT}%0A",
            f"{UNKNOWN_EVENT[:-1]}9999999999",
            f"{UNKNOWN_EVENT[:-1]}-1",
            UNKNOWN_EVENT.upper(),
            "%ED%A0%80",
            "%F0%9F%A6%8A",
        ]
    }
    | {name: (f"textContent=a&{query}", *error) for name, (query, *error) in BAD_CONVERSATIONS.items()}
)

BAD_PAGES = (
    {
        "nothing": ("", 400, "missing_parameter", "conversationId"),
        "conversation missing": ("limit=10", 400, "missing_parameter", "conversationId"),
        "conversation empty": ("conversationId=&limit=10", 400, "missing_parameter", "conversationId"),
        "conversation without a value": ("conversationId", 400, "missing_parameter", "conversationId"),
        "conversation under another name": ("conversation_id=c", 400, "missing_parameter", "conversationId"),
        "limit twice": ("conversationId=c&limit=1&limit=2", 400, "repeated_parameter", "limit"),
        "both directions": (
            f"conversationId=c&afterId={UNKNOWN_ID}&beforeId={UNKNOWN_ID}",
            400,
            "invalid_parameter",
            "beforeId",
        ),
        "after and latest": (
            f"conversationId=c&afterId={UNKNOWN_ID}&beforeId=latest",
            400,
            "invalid_parameter",
            "beforeId",
        ),
        "after twice": (
            f"conversationId=c&afterId={UNKNOWN_ID}&afterId={UNKNOWN_ID}",
            400,
            "repeated_parameter",
            "afterId",
        ),
        "before twice": (
            "conversationId=c&beforeId=latest&beforeId=latest",
            400,
            "repeated_parameter",
            "beforeId",
        ),
        "too many parameters": ("conversationId=c" + "&a=" * 1100, 400, "invalid_parameter", None),
    }
    | {
        f"limit {value[:12]}": (f"conversationId=c&limit={value}", 400, "invalid_limit", "limit")
        for value in ["0", "-1", "-0", "abc", "1.5", "1e2", "0x10", "%201", "1%00", "1%0A", "true", "1_0", "--1"]
        + ["%D9%A3", "%EF%BC%91", f"-{10**30}", "%ED%A0%80"]
    }
    | {
        f"{name} {value[:12]}": (f"conversationId=customer-42&{name}={value}", 404, "unknown_cursor", name)
        for name in ["afterId", "beforeId"]
        for value in ["nonsense", "1", UNKNOWN_ID, UNKNOWN_ID.upper(), UNKNOWN_ID.replace("-", ""), "LATEST"]
        + [f"{UNKNOWN_ID}%00", f"{UNKNOWN_ID}%0A", "%ED%A0%80", "%F0%9F%A6%8A"]
    }
    | BAD_CONVERSATIONS
)
BAD_QUERIES = {SSE: BAD_SENDS, HISTORY: BAD_PAGES}
PARAMETERS = [
    (path, param)
    for path, cases in BAD_QUERIES.items()
    for param in dict.fromkeys(param for _, _, _, param in cases.values())
]


@pytest.fixture(autouse=True)
def plain_provider(provider):
    provider.script(Answer(deltas=["Hi."]))


def target(path, query, token):
    return f"{path}?integrationToken={token}&{query}"


def stored():
    """How many rows each table of the conversations has."""
    return {model.__name__: model.objects.count() for model in apps.get_app_config("conversations").get_models()}


def assert_refused(answer, token, status, code, param, case=""):
    assert answer.error == (status, code, param), case
    error = answer.json["error"]
    assert set(answer.json) == {"error"}
    assert set(error) == {"code", "message", "param"}
    assert error["message"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.headers["X-Request-ID"]) == 16
    assert answer.headers.get_all("Vary") == ["Origin"]
    assert token.encode() not in answer.body
    assert not {"Location", "Set-Cookie"} & set(answer.headers)


@pytest.mark.parametrize(("path", "param"), PARAMETERS)
def test_a_bad_query_is_refused_and_nothing_is_stored(server, account, path, param):
    """All cases of one parameter; ``case`` in a failure says which."""
    assert exchange(server, target(path, VALID[path], account.token)).status == 200
    before = stored()

    for case, (query, status, code, named) in BAD_QUERIES[path].items():
        if named == param:
            answer = exchange(server, target(path, query, account.token))
            assert_refused(answer, account.token, status, code, param, case)
            assert stored() == before, case


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_token_that_is_not_ours_is_refused(server, account, path):
    ours = account.token
    assert exchange(server, target(path, VALID[path], ours)).status == 200
    before = stored()

    for case, token in {
        "nonsense": "nonsense",
        "short": ours[:-1],
        "long": f"{ours}0",
        "bad checksum": ours[:-1] + ("0" if ours[-1] != "0" else "1"),
        "other kind": ours.replace("lmk_api_", "lmk_web_"),
        "unknown": tokens.generate("api"),
        "unknown widget": tokens.generate("widget"),
        "NUL": f"{ours}%00",
        "line end": f"{ours}%0A",
        "space": f"%20{ours}",
        "lone surrogate": f"{ours}%ED%A0%80",
        "emoji": f"{ours}%F0%9F%A6%8A",
    }.items():
        in_query = exchange(server, target(path, VALID[path], token))
        in_header = exchange(server, f"{path}?{VALID[path]}", headers=[("Authorization", f"Bearer {token}")])
        for answer in (in_query, in_header):
            assert_refused(answer, token, 401, "invalid_token", "integrationToken", case)
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    assert stored() == before


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_request_without_a_token_is_refused(server, account, path):
    assert exchange(server, target(path, VALID[path], account.token)).status == 200
    before = stored()

    for headers in ([], [("Authorization", "Basic dXNlcjpwYXNz")], [("Authorization", "Bearer")]):
        for query in (VALID[path], f"{VALID[path]}&integrationToken=", f"{VALID[path]}&integrationToken"):
            answer = exchange(server, f"{path}?{query}", headers=headers)
            assert_refused(answer, account.token, 401, "invalid_token", "integrationToken")

    assert stored() == before


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_two_different_tokens_are_ambiguous_and_the_same_twice_is_not(server, account, path):
    sibling = AccountFactory(workspace=account.workspace)
    bearer = [("Authorization", f"Bearer {account.token}")]
    assert exchange(server, target(path, VALID[path], account.token), headers=bearer).status == 200
    before = stored()

    in_both_places = exchange(server, target(path, VALID[path], sibling.token), headers=bearer)
    twice_in_query = exchange(server, target(path, f"{VALID[path]}&integrationToken={sibling.token}", account.token))

    for answer in (in_both_places, twice_in_query):
        assert_refused(answer, account.token, 400, "ambiguous_token", "integrationToken")
        assert sibling.token.encode() not in answer.body
    assert stored() == before


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_a_token_works_until_it_expires_or_its_account_is_retired(server, account, path):
    newer = account.rotate_token(overlap=timedelta(hours=1))
    for token in (account.token, newer):
        assert exchange(server, target(path, VALID[path], token)).status == 200
    before = stored()

    account.tokens.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(milliseconds=1))
    expired = exchange(server, target(path, VALID[path], account.token))
    still_working = exchange(server, target(HISTORY, VALID[HISTORY], newer))
    account.retire()
    retired = exchange(server, target(path, VALID[path], newer))

    assert_refused(expired, account.token, 401, "invalid_token", "integrationToken")
    assert still_working.status == 200
    assert_refused(retired, newer, 401, "integration_retired", "integrationToken")
    assert stored() == before


@pytest.mark.parametrize("path", [SSE, HISTORY])
def test_only_a_get_without_a_body_is_answered_and_the_connection_stays_usable(server, account, path):
    good = target(path, VALID[path], account.token)
    page = target(HISTORY, VALID[HISTORY], account.token)
    assert exchange(server, good, headers=[("Content-Length", "0")]).status == 200
    before = stored()

    of_json = [("Content-Type", "application/json"), ("Content-Length", str(len(JSON_BODY)))]
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        answer = exchange(server, good, method=method, headers=of_json, body=JSON_BODY)
        assert_refused(answer, account.token, 405, "method_not_allowed", None)
        assert answer.headers["Allow"] == "GET, OPTIONS"
        after = exchange(server, good, method=method, headers=of_json, body=JSON_BODY, then=page)
        assert after.status == 200
    chunked = exchange(server, good, headers=[("Transfer-Encoding", "chunked")], body=b"3\r\nabc\r\n0\r\n\r\n")
    assert_refused(chunked, account.token, 405, "method_not_allowed", None)
    head = exchange(server, good, method="HEAD")
    assert (head.status, head.body) == (405, b"")
    assert exchange(server, good, method="HEAD", then=page).status == 200

    assert stored() == before


def test_a_page_load_or_a_prefetch_never_sends(server, account):
    good = target(SSE, VALID[SSE], account.token)
    assert exchange(server, good, headers=[("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")]).status == 200
    before = stored()

    for header in [
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Sec-Purpose", "prefetch;anonymous-client-ip"),
        ("Purpose", "prefetch"),
    ]:
        answer = exchange(server, good, headers=[header])
        assert_refused(answer, account.token, 406, "not_a_stream_request", None, header)

    assert stored() == before


def test_an_event_id_that_is_not_ours_in_the_header_is_unknown(server, account):
    final = streams.whole(server, account.token, conversationId="customer-42", textContent="Hello")[-1]
    good = target(SSE, VALID[SSE], account.token)
    assert exchange(server, good, headers=[("Last-Event-ID", final.id)]).status == 204
    before = stored()

    for value in ["nonsense", UNKNOWN_EVENT, f"{final.id}.e", f"{final.id}, {final.id}", "\xff\xfe", "0" * 2000]:
        answer = exchange(server, good, headers=[("Last-Event-ID", value)])
        assert_refused(answer, account.token, 404, "unknown_event", "lastEventId", value)

    assert stored() == before


def test_a_cursor_or_an_event_of_somebody_else_is_unknown(server, account, world):
    final = streams.whole(server, account.token, conversationId="customer-42", textContent="Hello")[-1]
    streams.whole(server, account.token, conversationId="another", textContent="Hello")
    foreign, sibling = AccountFactory(workspace=world.elsewhere), AccountFactory(workspace=world.workspace)
    cursor = final.data["message"]["id"]
    own = target(HISTORY, f"conversationId=customer-42&afterId={cursor}", account.token)
    assert exchange(server, own).json["lastMessageId"] == cursor
    assert exchange(server, target(SSE, f"{VALID[SSE]}&lastEventId={final.id}", account.token)).status == 204
    before = stored()

    for token, conversation in [
        (account.token, "another"),
        (account.token, "not-yet"),
        (sibling.token, "customer-42"),
        (foreign.token, "customer-42"),
    ]:
        for name in ("afterId", "beforeId"):
            answer = exchange(server, target(HISTORY, f"conversationId={conversation}&{name}={cursor}", token))
            assert_refused(answer, token, 404, "unknown_cursor", name)
        answer = exchange(server, target(SSE, f"conversationId={conversation}&lastEventId={final.id}", token))
        assert_refused(answer, token, 404, "unknown_event", "lastEventId")

    assert stored() == before


def test_any_other_address_is_not_found_and_never_redirects(server, account):
    assert exchange(server, target(SSE, VALID[SSE], account.token)).status == 200

    for path in ["/conversation/", "/conversation/nope", "/conversation/sse/", "/conversation/%FF"]:
        answer = exchange(server, target(path, VALID[SSE], account.token))
        assert_refused(answer, account.token, 404, "not_found", None, path)


def test_a_query_that_is_too_long_is_refused(granian, account):
    longest = target(HISTORY, VALID[HISTORY], account.token) + "&x="
    assert exchange(granian, longest.ljust(60_000 + len(HISTORY), "x")).status == 200

    answer = exchange(granian, longest.ljust(60_100 + len(HISTORY), "x"))
    beyond_the_server = exchange(granian, longest.ljust(70_000, "x"))

    assert_refused(answer, account.token, 414, "uri_too_long", None)
    assert beyond_the_server.status == 414


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" \t\r\n Hello \u3000\xa0\n", "Hello"),
        ("שלום \u200f\u202eabc\u202c", "שלום \u200f\u202eabc\u202c"),
        ("🦊👩‍👩‍👧‍👦 é e\u0301", "🦊👩‍👩‍👧‍👦 é e\u0301"),
        ("a\r\nb\x0bc\x1b[0m\u2028d", "a\r\nb\x0bc\x1b[0m\u2028d"),
        ("a" * 4000, "a" * 4000),
        (f"  {'a' * 4000}  ", "a" * 4000),
        ("%00 &amp; <b> '; DROP TABLE", "%00 &amp; <b> '; DROP TABLE"),
    ],
    ids=["trimmed", "right to left", "emoji", "control characters", "longest", "longest after trimming"]
    + ["not decoded twice"],
)
def test_text_is_stored_and_shown_as_it_was_sent(server, account, text, kept):
    query = f"conversationId=customer-42&textContent={quote(text)}"

    answer = exchange(server, target(SSE, query, account.token))

    assert answer.status == 200
    assert streams.history(server, account.token, "customer-42")["messages"][0]["body"] == kept
    assert Message.objects.get(sequence=1).body == kept


@pytest.mark.parametrize(
    "conversation",
    ["c", "c" * 200, "🦊" * 200, "用户 42", " spaces ", "a/b?c=d&e#f%2B+", "..", "nullpointer", "e\u0301"],
    ids=["shortest", "longest", "longest in emoji", "CJK", "spaces", "reserved", "dots", "a word", "combining"],
)
def test_a_printable_conversation_id_is_kept_exactly(granian, account, conversation):
    query = f"textContent=Hello&conversationId={quote(conversation, safe='')}"

    answer = exchange(granian, target(SSE, query, account.token))

    assert answer.status == 200
    page = streams.history(granian, account.token, conversation)
    assert page["conversationId"] == conversation
    assert len(page["messages"]) == 2


def test_a_key_at_its_limits_is_taken(granian, account):
    keys = ["12345678", "a" * 64, "_-_-_-_-", UNKNOWN_ID]
    for key in keys:
        query = f"textContent=Hello&conversationId=c&clientMessageId={key}"
        assert exchange(granian, target(SSE, query, account.token)).status == 200

    stored_keys = Message.objects.filter(actor="customer").values_list("client_message_id", flat=True)
    assert list(stored_keys) == keys


def test_a_limit_over_the_highest_counts_as_the_highest(granian, account):
    streams.whole(granian, account.token, conversationId="customer-42", textContent="Hello")

    for limit, expected in [("1", 1), ("%2B2", 2), ("002", 2), ("200", 2), ("201", 2), (f"{10**30}", 2)]:
        answer = exchange(granian, target(HISTORY, f"conversationId=customer-42&limit={limit}", account.token))
        assert answer.status == 200
        assert len(answer.json["messages"]) == expected


def test_seven_thousand_encoded_bytes_are_a_message(server, account):
    text = "🦊" * 583
    assert len(quote(text)) == 6996

    streams.whole(server, account.token, conversationId="c", textContent=text)

    assert Message.objects.get(sequence=1).body == text


@pytest.mark.parametrize("character", ["你", "🦊"])
def test_four_thousand_characters_of_any_script_are_a_message(granian, account, character):
    streams.whole(granian, account.token, conversationId="c", textContent=character * 4000)

    assert Message.objects.get(sequence=1).body == character * 4000
