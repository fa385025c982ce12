"""Signed and issued conversation ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import signatures

SECRET = "identity secret"
ID = "customer-42"
SIGNATURE = signatures.sign(SECRET, ID)


def test_the_signature_is_the_hex_hmac_that_other_languages_make() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert signatures.sign("Jefe", "what do ya want for nothing?") == expected


@given(st.text(min_size=1), st.text())
def test_what_was_signed_is_verified_in_either_case(secret: str, conversation_id: str) -> None:
    signature = signatures.sign(secret, conversation_id)

    assert signatures.verify(secret, conversation_id, signature)
    assert signatures.verify(secret, conversation_id, signature.upper())


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        42,
        True,
        SIGNATURE.encode(),
        [SIGNATURE],
        SIGNATURE[:-1],
        SIGNATURE + "0",
        f" {SIGNATURE}",
        f"{SIGNATURE}\n",
        f"sha256={SIGNATURE}",
        "é" * 64,
        "\N{FULLWIDTH DIGIT ZERO}" * 64,
        "\ud800",
        "0" * 64,
        signatures.sign(SECRET, "customer-43"),
        signatures.sign("another secret", ID),
    ],
)
def test_any_other_signature_is_false(signature: object) -> None:
    assert signatures.verify(SECRET, ID, SIGNATURE)

    assert signatures.verify(SECRET, ID, signature) is False


@given(st.text(), st.text(), st.none() | st.text() | st.binary() | st.integers())
def test_verifying_never_raises(secret: str, conversation_id: str, signature: object) -> None:
    assert signatures.verify(secret, conversation_id, signature) is False


def test_text_that_is_no_unicode_is_false() -> None:
    assert signatures.verify(SECRET, ID, SIGNATURE)

    assert not signatures.verify(SECRET, "\ud800", SIGNATURE)
    assert not signatures.verify("\ud800", ID, SIGNATURE)


def test_an_empty_secret_neither_signs_nor_verifies() -> None:
    with pytest.raises(ValueError, match="empty"):
        signatures.sign("", ID)

    assert not signatures.verify("", ID, "0" * 64)


def test_ids_that_differ_in_normalisation_have_different_signatures() -> None:
    assert signatures.sign(SECRET, "caf\u00e9") != signatures.sign(SECRET, "cafe\u0301")


def test_issued_ids_have_the_issued_form_and_do_not_repeat() -> None:
    issued = {signatures.issue_conversation_id() for _ in range(200)}

    assert len(issued) == 200
    assert all(signatures.is_issued_form(conversation_id) for conversation_id in issued)
    assert {len(conversation_id) for conversation_id in issued} == {34}


@pytest.mark.parametrize(
    "conversation_id",
    ["", "c_", ID, "c_" + "a" * 31, "c_" + "a" * 33, "C_" + "a" * 32, "c_" + "a" * 31 + "-", "c_" + "a" * 32 + "\n"],
)
def test_other_ids_do_not_have_the_issued_form(conversation_id: str) -> None:
    assert signatures.is_issued_form("c_" + "a" * 32)

    assert not signatures.is_issued_form(conversation_id)
