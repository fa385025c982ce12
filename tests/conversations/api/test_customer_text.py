"""What a customer's text may be: what nobody can see is empty, and half an emoji at the end costs only that half
(docs/api.md, section 4)."""

from urllib.parse import quote

import pytest

from conversations.api import customer_text
from conversations.api.errors import ApiError
from conversations.models import Message
from tests.ground import streams
from tests.ground.provider import Answer
from tests.ground.raw_http import exchange

HALF = "\ufffd"
UNSEEN = {
    "white space": " \t\r\n\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000",
    "control characters": "\x01\x08\x1b\x7f\x85\x9f",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "marks of direction": "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "soft hyphens": "\u00ad\u00ad",
    "variation selectors": "\ufe00\ufe0e\ufe0f\U000e0100\U000e01ef",
    "Mongolian selectors": "\u180b\u180c\u180d\u180e\u180f",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Khmer vowels": "\u17b4\u17b5",
    "a joiner of graphemes": "\u034f",
    "tags": "\U000e0001\U000e0020\U000e0041\U000e007f",
    "invisible operators": "\u2061\u2062\u2063\u2064\u206a\u206f",
    "a blank Braille pattern": "\u2800",
    "notation of music and shorthand": "\U0001d159\U0001d173\U0001d17a\U0001bca0",
    "half an emoji": HALF,
}
SEEN = {
    "an emoji of several": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "a flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "a heart with a selector": "\u2764\ufe0f",
    "a keycap": "1\ufe0f\u20e3",
    "one point": ".",
    "a point among invisible ones": "\u200b.\u200b",
    "a Persian word with a joiner": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "a combining accent": "\u0301",
    "an Arabic number sign": "\u0600",
    "a Hangul letter": "\u1100",
}


def refusal(text):
    with pytest.raises(ApiError) as refused:
        customer_text.cleaned(text)
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_nobody_can_see_is_empty(text):
    assert customer_text.cleaned("a")

    assert refusal(text) == (400, "invalid_parameter")
    assert refusal(f" {text}\u200b{text} ") == (400, "invalid_parameter")


def test_all_of_it_together_is_empty():
    assert refusal("".join(UNSEEN.values())) == (400, "invalid_parameter")


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN.keys())
def test_what_can_be_seen_is_kept_as_it_is(text):
    assert customer_text.cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Hello{HALF}", "Hello"),
        (f"Hello {HALF} ", "Hello"),
        ("Hello\ud83d", "Hello"),
        (f"{'a' * 4000}{HALF}", "a" * 4000),
        (f"{'a' * 3999}{HALF}", "a" * 3999),
        (f"\U0001f469\u200d{HALF}", "\U0001f469\u200d"),
    ],
)
def test_half_an_emoji_at_the_end_costs_only_that_half(text, kept):
    assert customer_text.cleaned(text) == kept


@pytest.mark.parametrize(
    "text", [f"a{HALF}b", f"{HALF}a", f"a{HALF}{HALF}", f"a{HALF} {HALF}", "\ud83da", "a\udc00\ud83d", f"a{HALF}."]
)
def test_anywhere_else_it_is_refused(text):
    assert refusal(text) == (400, "invalid_parameter")


def test_the_limit_counts_code_points_after_all_that():
    assert customer_text.cleaned("\U0001f98a" * 4000) == "\U0001f98a" * 4000

    assert refusal("\U0001f98a" * 4001) == (413, "text_too_long")
    assert refusal("a" * 4001 + HALF) == (413, "text_too_long")


@pytest.mark.django_db(transaction=True)
def test_a_message_that_a_browser_cut_arrives_and_is_recognised_when_it_comes_again(server, account, provider):
    provider.script(Answer(deltas=["Hi."]))
    query = {"conversationId": "c", "clientMessageId": "key-0000-0001"}

    first = streams.whole(server, account.token, textContent=f"Look {HALF}", **query)[0].data
    again = streams.whole(server, account.token, textContent=f"Look {HALF}", **query)[0].data
    without_half = streams.whole(server, account.token, textContent="Look", **query)[0].data

    assert first == again == without_half
    assert Message.objects.get(actor="customer").body == "Look"


@pytest.mark.django_db(transaction=True)
def test_a_message_that_nobody_can_see_is_not_stored(server, account, provider):
    provider.script(Answer(deltas=["Hi."]))
    address = f"/conversation/sse?integrationToken={account.token}&textContent="
    family = exchange(server, address + quote(SEEN["an emoji of several"]))
    assert family.status == 200
    assert family.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    before = Message.objects.count()

    for case in ("zero width", "tags", "Hangul fillers", "half an emoji"):
        answer = exchange(server, address + quote(UNSEEN[case]))
        assert answer.error == (400, "invalid_parameter", "textContent"), case

    assert Message.objects.count() == before
