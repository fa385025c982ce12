"""Integration tokens: their form, and where a request carries one."""

import hashlib
import string
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import base62, tokens

TOKEN = "lmk_api_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4eYInZ"  # every test process must collect the same names
OTHER = "lmk_web_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB3YDoEi"


@pytest.mark.parametrize(("kind", "prefix"), [("api", "lmk_api_"), ("widget", "lmk_web_")])
def test_a_new_token_tells_its_kind_and_is_well_formed(kind: str, prefix: str) -> None:
    token = tokens.generate(kind)

    assert token.startswith(prefix)
    assert len(token) == len(prefix) + 32 + 6
    assert tokens.is_well_formed(token)


def test_tokens_do_not_repeat_and_use_the_whole_alphabet() -> None:
    made = [tokens.generate("api") for _ in range(400)]
    seen = Counter("".join(token[8:40] for token in made))

    assert len(set(made)) == 400
    assert set(seen) == set(string.digits + string.ascii_letters)
    assert max(seen.values()) < 2 * min(seen.values())  # 206 expected of each


def test_the_checksum_is_fixed_for_all_time() -> None:
    """Tokens in the field stop working when the alphabet or the padding changes."""
    assert tokens.is_well_formed(f"lmk_api_{'0' * 32}4StkNb")
    assert tokens.is_well_formed("lmk_web_" + "0123456789ABCDEFGHIJKLMNOPQRSTUV" + "3TQO9W")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace("lmk_api_", "lmk_web_"),
        lambda token: token.replace("lmk_api_", "LMK_API_"),
        lambda token: token.replace("lmk_api_", "sk_live__"),
        lambda token: token[:20] + "-" + token[21:],
        lambda token: token[:20] + "é" + token[21:],
        lambda token: token[:20] + "\N{ARABIC-INDIC DIGIT ONE}" + token[21:],
        lambda token: token.swapcase(),
    ],
)
def test_a_token_that_was_changed_is_not_well_formed(spoil) -> None:  # type: ignore[no-untyped-def]
    assert tokens.is_well_formed(TOKEN)

    assert not tokens.is_well_formed(spoil(TOKEN))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_right_checksum_does_not_excuse_a_wrong_length(length: int) -> None:
    def token(length: int) -> str:
        body = "lmk_api_" + "0" * length
        return body + base62.encode(zlib.crc32(body.encode()), width=6)

    assert tokens.is_well_formed(token(32))

    assert not tokens.is_well_formed(token(length))


@given(st.integers(8, 45), st.sampled_from(base62.ALPHABET))
def test_one_wrong_character_anywhere_is_noticed(position: int, character: str) -> None:
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]

    assert tokens.is_well_formed(changed) == (changed == TOKEN)


@given(st.text())
def test_arbitrary_text_is_never_well_formed_and_never_an_exception(text: str) -> None:
    assert not tokens.is_well_formed(text)
    assert not tokens.is_well_formed("lmk_api_" + text)


def test_the_digest_is_sha_256() -> None:
    assert tokens.digest(TOKEN) == hashlib.sha256(TOKEN.encode("ascii")).digest()


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (f"Bearer {TOKEN}", []),
        (f"bearer {TOKEN}", []),
        (f"BEARER   {TOKEN} ", []),
        (None, [TOKEN]),
        (None, [TOKEN, TOKEN]),
        (f"Bearer {TOKEN}", [TOKEN]),
        ("Bearer ", [TOKEN]),
        ("Basic dXNlcjpwYXNz", [TOKEN]),
    ],
)
def test_the_token_is_read_from_the_header_or_the_query(authorization: str | None, query: list[str]) -> None:
    assert tokens.extract(authorization, query) == TOKEN


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (f"Bearer {TOKEN}", [OTHER]),
        (None, [TOKEN, OTHER]),
        (f"Bearer {TOKEN}", [TOKEN, OTHER]),
        (f"Bearer {TOKEN}", ["nonsense"]),
        (f"Bearer {TOKEN}", [""]),
        (None, ["", TOKEN]),
    ],
)
def test_two_different_tokens_are_ambiguous(authorization: str | None, query: list[str]) -> None:
    with pytest.raises(tokens.AmbiguousToken) as refusal:
        tokens.extract(authorization, query)

    assert refusal.value.code == "ambiguous_token"
    assert not any(token in str(refusal.value) for token in (TOKEN, OTHER))


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (None, []),
        ("", [""]),
        ("Bearer", []),
        (TOKEN, []),
        (f"Basic {TOKEN}", []),
        (f"Bearer {TOKEN}, Bearer {TOKEN}", []),
        (f"Bearer {TOKEN[:-1]}", []),
        (None, [TOKEN[:-1]]),
        (None, [f" {TOKEN}"]),
    ],
)
def test_a_request_without_a_whole_token_is_refused(authorization: str | None, query: list[str]) -> None:
    with pytest.raises(tokens.InvalidToken) as refusal:
        tokens.extract(authorization, query)

    assert refusal.value.code == "invalid_token"
    assert TOKEN[:-1] not in str(refusal.value)


@given(st.none() | st.text(), st.lists(st.text(), max_size=3))
def test_whatever_a_request_carries_is_answered_by_a_token_error(authorization: str | None, query: list[str]) -> None:
    with pytest.raises(tokens.TokenError):
        tokens.extract(authorization, query)


@given(st.integers(0, 62**6 - 1))
def test_base62_numbers_read_back(number: int) -> None:
    text = base62.encode(number, width=6)

    value = 0
    for digit in text:
        value = value * 62 + base62.ALPHABET.index(digit)
    assert (len(text), value) == (6, number)
