"""Ids that are evidently a slip in the caller's code (docs/api.md, section 3).

All visitors of such a page would send the same one, and so share a conversation. Only the whole value counts: an id
that merely holds such a word is somebody's own.
"""

import re

_AROUND = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb\uff02\uff07\\ \u00a0"

_LITERAL = re.compile(r"undefined|null|none|nil|nan|true|false|\[object [a-z]+\]", re.IGNORECASE)

_NAME = r"\s*[^\W\d]\w*(?:\.\w+|-[^\W\d_]+)*\s*"
_PLACEHOLDER = re.compile(
    rf"\{{\{{.*\}}\}} | \$\{{.*\}} | %[sd] | \{{{_NAME}\}} | <{_NAME}> | :{_NAME}", re.IGNORECASE | re.VERBOSE
)
_GUID = re.compile(r"[{<:][0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[}>]?", re.IGNORECASE)


def likely_cause(value: str) -> str | None:
    """What most likely went wrong in the code that sent this id; None for an id that somebody meant."""
    if len(value) > 200:
        return None
    bare = value.strip(_AROUND)
    if not bare:
        return "holds nothing but spaces or quotation marks: it is made of an empty value"
    shown = value if len(value) <= 30 else f"{value[:30]}…"
    if _LITERAL.fullmatch(bare):
        return f"is “{shown}”: your code makes text of a variable that holds no id"
    if _PLACEHOLDER.fullmatch(bare) and not _GUID.fullmatch(bare):
        return f"is “{shown}”, a placeholder that was never filled in"
    return None
