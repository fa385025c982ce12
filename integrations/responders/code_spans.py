"""Which part of a growing Markdown text is code: in a fence, or between backticks on one line."""

import re

KEPT = 24
WINDOW = 1_000
"""What is not decided within so many characters is no code."""
BEFORE_A_FENCE = re.compile(r"[\s>*+\-.)\d]*")
INDENTED = re.compile(r" {4}| {0,3}\t")
LONGEST_RUN = 100
RUN = re.compile(rf"`{{1,{LONGEST_RUN}}}|~{{1,{LONGEST_RUN}}}")
INFO_END = re.compile(r"[`\n]")
REST_OF_LINE_IS_BLANK = re.compile(r"[ \t\r]{0,200}(?:\n|\Z)")
LINE_OR_RUN = re.compile(r"\n|`+")


class CodeSpans:
    """Told all text in order. ``head`` and ``tail`` are how the line so far begins and ends."""

    def __init__(self) -> None:
        self.head = ""
        self.tail = ""
        self._fence = ""
        self._ticks = 0

    @property
    def in_fence(self) -> bool:
        return bool(self._fence)

    @property
    def line_is_blank(self) -> bool:
        return not self.tail.strip() and len(self.head) < KEPT

    @property
    def is_indented(self) -> bool:
        return bool(INDENTED.match(self.head))

    def read(self, text: str) -> None:
        """Text goes on."""
        if "\n" in text:
            self.head = self.tail = ""
            self._ticks = 0
            text = text[text.rindex("\n") + 1 :]
        if len(self.head) < KEPT:
            self.head = (self.head + text)[:KEPT]
        self.tail = (self.tail + text)[-KEPT:]

    def read_run(self, text: str, at: int, *, is_last: bool) -> int:
        """Takes the backticks or tildes that begin here; how many, or 0 when what follows has to be known first."""
        run = RUN.match(text, at)
        assert run is not None
        if run.end() == len(text) and not is_last and len(run[0]) < LONGEST_RUN:
            return 0
        is_fence = self._is_fence(run[0], text, run.end(), is_last=is_last)
        if is_fence is None:
            return 0
        self.read(run[0])
        if is_fence:
            self._fence = "" if self._fence else run[0]
        elif not self._fence and run[0][0] == "`":
            self._ticks = {0: len(run[0]), len(run[0]): 0}.get(self._ticks, self._ticks)
        return len(run[0])

    def holds(self, text: str, at: int, *, is_last: bool) -> bool | None:
        """Whether what stands here is code; None when what follows has to be known first."""
        if self._fence:
            return True
        if not self._ticks:
            return False
        for found in LINE_OR_RUN.finditer(text, at, at + WINDOW):
            if found[0] == "\n":
                return False
            if found.end() == len(text) and not is_last:
                return None
            if len(found[0]) == self._ticks:
                return True
        return False if is_last or len(text) - at > WINDOW else None

    def _is_fence(self, run: str, text: str, end: int, *, is_last: bool) -> bool | None:
        """Whether the run opens a fence, or closes the one that is open."""
        if len(run) < 3 or self._ticks or len(self.head) >= KEPT or not BEFORE_A_FENCE.fullmatch(self.head):
            return False
        if self._fence:
            return self._closes_fence(run, text, end, is_last=is_last)
        if run[0] == "~":
            return True
        found = INFO_END.search(text, end, end + WINDOW)
        if found is None:
            return True if is_last or len(text) - end > WINDOW else None
        return found[0] == "\n"

    def _closes_fence(self, run: str, text: str, end: int, *, is_last: bool) -> bool | None:
        if run[0] != self._fence[0] or len(run) < len(self._fence):
            return False
        blank = REST_OF_LINE_IS_BLANK.match(text, end)
        if blank is None:
            return False
        return True if blank[0].endswith("\n") or is_last else None
