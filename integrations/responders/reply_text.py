"""The text of a reply while it is read: cleaned, bounded, its waits watched, whole once its provider says so."""

from typing import NoReturn

from . import finish_reasons
from .base import Delta, Reset, ResponderBroken, ResponderError
from .deadlines import Deadlines, Watch
from .text import clean
from .visible_text import Shown, VisibleText

REPLY_CHARACTERS = 100_000
READ_CHARACTERS = 1_000_000
"""With the thinking that nobody sees."""
GAVE_NOTHING = "The provider gave no text{why}."
THOUGHT_ONLY = "The model thought, but wrote no reply{why}. Allow it a longer answer, or take a model that thinks less."


class ReplyText:
    """Starts empty. What is read goes in by ``add``; what may be shown comes out by ``news``.

    ``finished`` tells whether the provider has said that the reply is whole. Some say so with every piece, so what
    comes after it counts too, until ``closed`` tells that there is nothing more to read.
    """

    def __init__(self, watch: Watch, deadlines: Deadlines, *, holds_start: bool = False) -> None:
        self.finished = False
        self.closed = False
        self._watch = watch
        self._deadlines = deadlines
        self._visible = VisibleText(holds_start=holds_start)
        self._reason = ""
        self._read = 0
        self._has_words = False
        self._unseen: list[str] = []
        self._texts: list[str] = []
        self._length = 0
        self._news: list[Delta | Reset] = []

    @property
    def began_unmarked(self) -> bool:
        """Thinking stood at the beginning, and nothing told so before it was over."""
        return self._visible.began_unmarked

    def add(self, text: str) -> None:
        """The provider's next words, thinking among them. ``ResponderBroken`` when there are too many."""
        text = clean(text)
        if not text:
            return
        self._read += len(text)
        self._has_words = self._has_words or not text.isspace()
        if self._read > READ_CHARACTERS:
            self.fail(ResponderBroken(f"The model wrote more than {READ_CHARACTERS:,} characters."))
        self._unseen.append(text)
        self.go_on()

    def go_on(self) -> None:
        """The provider is at work: the next word has its full time again."""
        if self.finished:
            self._watch.allow(self._deadlines.drain, "end")
        else:
            self._watch.allow(self._deadlines.between_tokens, "next word")

    def finish(self, reason: object) -> None:
        """The provider stopped for this reason, if it is one: the words so far are a reply, or ``ResponderError``."""
        if not finish_reasons.is_given(reason):
            return
        self._reason = str(reason)
        if (failure := finish_reasons.failure(self._reason)) is not None:
            self.fail(failure)
        if self._has_words:
            self.finished = True
            self._watch.allow(self._deadlines.drain, "end")

    def close(self) -> None:
        """The provider says that nothing more comes, so the reply is whole."""
        self.finished = self.closed = True
        self._watch.allow(self._deadlines.drain, "end")

    def fail(self, error: ResponderError) -> NoReturn:
        """The reply came to nothing, whatever was said of it before."""
        self.finished = False
        raise error

    def news(self) -> list[Delta | Reset]:
        """What may be shown by now and was not yet given out; a ``Reset`` where what was shown was thinking.

        What was added since the last call is looked through as one. ``ResponderBroken`` when the reply is too long.
        """
        self._look_through()
        news, self._news = self._news, []
        return news

    def end(self) -> None:
        """All is read. ``ResponderBroken`` when that is no whole reply."""
        if not self.finished and (self._has_words or not self._reason):
            raise ResponderBroken("The provider's stream ended before the reply was whole.")
        self._look_through()
        self._take(self._visible.end())
        if not self.whole.strip():
            why = f" (reason: {clean(self._reason)[:40]})" if self._reason else ""
            raise ResponderBroken((THOUGHT_ONLY if self._has_words else GAVE_NOTHING).format(why=why))

    @property
    def whole(self) -> str:
        return "".join(self._texts)

    def _look_through(self) -> None:
        if self._unseen:
            text = "".join(self._unseen)
            self._unseen.clear()
            self._take(self._visible.feed(text))

    def _take(self, shown: Shown) -> None:
        if shown.withdraws:
            self._texts.clear()
            self._length = 0
            self._news.append(Reset())
        if shown.text:
            self._texts.append(shown.text)
            self._length += len(shown.text)
            if self._length > REPLY_CHARACTERS:
                self.fail(ResponderBroken(f"The reply is longer than {REPLY_CHARACTERS:,} characters."))
            self._news.append(Delta(shown.text))
