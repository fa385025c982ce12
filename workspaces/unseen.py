"""What a reader does not see."""

import re

# Unicode's Default_Ignorable_Code_Point, and what else leaves no mark: white space, control characters, the blank
# Braille pattern, the null notehead, the Khitan filler and the marks of interlinear notes.
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: white space and invisible characters alone, or no character at all."""
    return _UNSEEN.fullmatch(text) is not None
