from hypothesis import given
from hypothesis import strategies as st

from integrations.responders.text import clean


def test_ordinary_text_stays_as_it_is() -> None:
    assert clean("Grüße, 你好 🎉\n") == "Grüße, 你好 🎉\n"


def test_nul_and_lone_surrogates_are_dropped() -> None:
    assert clean("a\0b\ud83dc\udc00") == "abc"


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_comes_out_can_be_stored(text: str) -> None:
    cleaned = clean(text)

    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
