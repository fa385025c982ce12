"""The part of a model's text that is meant for the customer, out of pieces that may be cut anywhere.

Thinking, the marks around it and around turns are taken out; an answer that explains them, in code or in a sentence,
stays whole. Where the pieces are cut changes nothing of what is left in the end.
"""

import re
from typing import NamedTuple

from .code_spans import CodeSpans
from .marks import Mark, closing, mark_at, may_become_mark
from .mentions import is_mentioned
from .turn_headers import LONGEST_HEADER, LONGEST_ROLE, harmony_header, role_length

SPECIAL = re.compile(r"[<`~\[◁]")
SPECIAL_IN_FENCE = re.compile(r"[`~]")
HARMONY = re.compile(r"<\|(?:start|channel)\|>", re.IGNORECASE)
LONGEST_OF_HARMONY = len("<|channel|>")
UNMARKED = "analysis"
UNMARKED_CHANNEL = re.compile(r"analysis(?=[A-Z\"'])")
"""Some servers take Harmony's marks out and leave its words: ``analysisThe customer asks …assistantfinalHello``."""
UNMARKED_REPLY = "assistantfinal"


class Shown(NamedTuple):
    text: str = ""
    withdraws: bool = False
    """All that was shown before is no part of the reply: it is to be dropped before this text is shown."""


class VisibleText:
    """``holds_start``: nothing is shown before thinking has ended, or the text has, since it may begin unmarked."""

    def __init__(self, *, holds_start: bool = False) -> None:
        self.began_unmarked = False
        """Thinking came first, without a mark before it."""
        self._holds = holds_start
        self._rest = ""
        self._at = 0
        self._is_last = False
        self._has_begun = False
        self._is_plain = False
        self._has_opened = False
        self._hidden_until = ""
        self._is_over = False
        self._is_final = False
        self._visible: list[str] = []
        self._was_shown = False
        self._withdraws = False
        self._withdrawals = 0
        """After the second one nothing is shown before the end."""
        self._start_afresh()

    def feed(self, piece: str) -> Shown:
        if self._is_plain and SPECIAL.search(piece) is None:
            self._code.read(piece)
            return Shown(piece)
        self._rest = self._rest[self._at :] + piece
        self._at = 0
        self._read()
        shown = self._taken(is_held=self._holds or self._withdrawals > 1)
        self._is_plain = self._has_text and self._was_shown and self._goes_on_plainly()
        return shown

    def _goes_on_plainly(self) -> bool:
        """Whether a next piece without anything special is shown as it is: most are, so they take the short way."""
        is_undecided = self._at < len(self._rest) or self._trims or self._withdrawals > 1
        return not (is_undecided or self._hidden_until or self._is_over)

    def end(self) -> Shown:
        """There is no more: what waited for what follows it is decided."""
        self._is_last = True
        self._read()
        return self._taken(is_held=False)

    def _taken(self, *, is_held: bool) -> Shown:
        shown = Shown("" if is_held else "".join(self._visible), self._withdraws)
        if not is_held:
            self._visible.clear()
        self._withdraws = False
        self._was_shown = self._was_shown or bool(shown.text)
        return shown

    def _start_afresh(self) -> None:
        self._code = CodeSpans()
        self._has_text = False
        self._trims = False
        self._struck = 0

    def _read(self) -> None:
        """Takes step after step until what follows has to be known. A step returns its length, 0 to wait."""
        while self._at < len(self._rest):
            if self._hidden_until:
                step = self._hide()
            elif self._is_over:
                step = self._wait_for_a_channel()
            else:
                step = self._go_on() if self._has_begun else self._begin()
            if not step:
                return
            self._has_begun = True
            self._at += step

    def _begin(self) -> int:
        if not self._is_last and len(self._rest) <= len(UNMARKED) and UNMARKED.startswith(self._rest):
            return 0
        if UNMARKED_CHANNEL.match(self._rest):
            return self._open(UNMARKED, until=UNMARKED_REPLY)
        return self._go_on()

    def _go_on(self) -> int:
        special = SPECIAL_IN_FENCE if self._code.in_fence else SPECIAL
        found = special.search(self._rest, self._at)
        end = len(self._rest) if found is None else found.start()
        if end > self._at:
            return self._show(end - self._at)
        return self._run() if self._rest[self._at] in "`~" else self._mark()

    def _show(self, length: int) -> int:
        text = self._rest[self._at : self._at + length]
        if self._trims:
            text = text.lstrip() if not self._code.tail or self._code.tail[-1].isspace() else text
            self._trims = not text
        if text:
            self._visible.append(text)
            self._code.read(text)
            self._has_text = self._has_text or not text.isspace()
        return length

    def _run(self) -> int:
        length = self._code.read_run(self._rest, self._at, is_last=self._is_last)
        if length:
            self._visible.append(self._rest[self._at : self._at + length])
            self._has_text, self._trims = True, False
        return length

    def _mark(self) -> int:
        mark = mark_at(self._rest, self._at)
        if mark is None:
            if not self._is_last and may_become_mark(self._rest, self._at):
                return 0
            self._struck += self._rest[self._at : self._at + 3].lower() == "<s>"
            return self._show(1)
        if mark.text == "</s>" and self._struck:  # HTML for what is struck through
            self._struck -= 1
            return self._show(len(mark.text))
        is_text = is_mentioned(
            mark, self._code, self._rest, self._at, is_first=not self._has_text, is_last=self._is_last
        )
        if is_text is None:
            return 0
        return self._show(len(mark.text)) if is_text else self._obey(mark)

    def _obey(self, mark: Mark) -> int:
        length = len(mark.text)
        if mark.what in ("opens", "opens_at_start"):
            return self._open(mark.text, until=mark.closed_by)
        if mark.what == "harmony":
            return self._take_header(length)
        if mark.what == "starts_turn" and not self._has_text:
            return self._skip_role(length)
        if mark.what == "closes":
            self._withdraw()
        elif mark.what == "dropped":
            self._trims = True
        else:
            self._is_over = True
        return length

    def _open(self, mark: str, *, until: str) -> int:
        self._has_opened = True
        self._hidden_until = until
        return len(mark)

    def _hide(self) -> int:
        found = closing(self._hidden_until).search(self._rest, self._at)
        if found is None:
            undecided = 0 if self._is_last else len(self._hidden_until) - 1
            return max(len(self._rest) - undecided - self._at, 0)
        self._hidden_until = ""
        self._trims = True
        self._holds = False
        return found.end() - self._at

    def _withdraw(self) -> None:
        """What was read as text so far was thinking."""
        self.began_unmarked = self.began_unmarked or (self._has_text and not self._has_opened)
        self._visible.clear()
        self._withdraws = self._withdraws or self._was_shown
        self._withdrawals += self._was_shown
        self._was_shown = False
        self._holds = False
        self._start_afresh()
        self._trims = True

    def _skip_role(self, length: int) -> int:
        start = self._at + length
        if not self._is_last and len(self._rest) - start < LONGEST_ROLE:
            return 0
        self._trims = True
        return length + role_length(self._rest, start)

    def _take_header(self, length: int) -> int:
        """Harmony: of all channels the final one is the reply, and what stood before its header is none of it."""
        header = harmony_header(self._rest, self._at)
        if header is None:
            if not self._is_last and len(self._rest) - self._at < LONGEST_HEADER:
                return 0
            return length if self._is_over else self._show(length)
        if header.is_of_reply and header.names_channel and not self._is_final:
            self._withdraw()
            self._is_final = True
        self._has_opened = self._has_opened or (header.names_channel and not header.is_of_reply)
        self._is_over = not header.is_of_reply
        self._trims = True
        return header.length

    def _wait_for_a_channel(self) -> int:
        found = HARMONY.search(self._rest, self._at)
        if found is not None:
            return found.start() - self._at or self._take_header(len(found[0]))
        if self._is_last:
            return len(self._rest) - self._at
        tail = self._rest.rfind("<", max(self._at, len(self._rest) - LONGEST_OF_HARMONY))
        return (tail if tail >= 0 else len(self._rest)) - self._at
