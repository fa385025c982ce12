"""The text of a reply while it is read: cleaned, bounded, its waits watched, whole once its provider says so."""

from .base import ResponderBroken
from .deadlines import Deadlines, Watch
from .text import clean

REPLY_CHARACTERS = 100_000


class ReplyText:
    """Starts empty. ``finished`` tells whether the provider has said that the reply is whole."""

    def __init__(self, watch: Watch, deadlines: Deadlines) -> None:
        self.finished = False
        self._watch = watch
        self._deadlines = deadlines
        self._texts: list[str] = []
        self._length = 0

    def add(self, text: str) -> str:
        """The text as it may be stored. ``ResponderBroken`` when the reply gets too long."""
        text = clean(text)
        if text:
            self._texts.append(text)
            self._length += len(text)
            if self._length > REPLY_CHARACTERS:
                raise ResponderBroken(f"The reply is longer than {REPLY_CHARACTERS:,} characters.")
            self.go_on()
        return text

    def go_on(self) -> None:
        """The provider is at work: the next word has its full time again."""
        self._watch.allow(self._deadlines.between_tokens, "next word")

    def finish(self, reason: str) -> None:
        """The provider says that the reply is whole, for this reason. ``ResponderBroken`` when it has no text."""
        if not "".join(self._texts).strip():
            raise ResponderBroken(f"The provider gave no text (reason: {clean(reason)[:40]}).")
        self.finished = True
        self._watch.allow(self._deadlines.drain, "end")

    def whole(self) -> str:
        """All of it. ``ResponderBroken`` when the stream broke off before it was finished."""
        if not self.finished:
            raise ResponderBroken("The provider's stream ended before the reply was whole.")
        return "".join(self._texts)
