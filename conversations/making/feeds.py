"""All feeds of a process."""

from collections.abc import Iterator
from uuid import UUID

from conversations.making.feed import Feed, Reader
from conversations.store import Accepted, ReplyState


class Feeds(dict[UUID, Feed]):
    """The replies that are written or read in this process, by their id."""

    def of_new(self, accepted: Accepted) -> Feed:
        """The feed of a message that was just taken; a repetition of the request may have been quicker."""
        feed = self.get(accepted.reply_id)
        if feed is None:
            feed = self[accepted.reply_id] = Feed(
                accepted.reply_id, status=accepted.status, attempt=accepted.attempt, held=accepted.held
            )
        return feed

    def of(self, state: ReplyState) -> Feed:
        """The feed of a reply that exists already: the live one of this process, or one made from the database."""
        feed = self.get(state.reply_id)
        if feed is None:
            feed = Feed(state.reply_id, status=state.status, attempt=state.attempt, held=state.held)
            feed.follow(state)
            if not feed.has_ended:
                self[feed.reply_id] = feed
        elif not feed.is_produced_here:
            feed.follow(state)
        return feed

    def keep(self, feed: Feed) -> Feed:
        """The feed for a stream to read, followed until it has ended: the live one, should another have replaced it."""
        return feed if feed.has_ended else self.setdefault(feed.reply_id, feed)

    def release(self, feed: Feed) -> None:
        """Forgets a feed that nobody writes and nobody reads."""
        if not feed.is_produced_here and not feed.readers and self.get(feed.reply_id) is feed:
            del self[feed.reply_id]

    def release_idle(self) -> None:
        for feed in list(self.values()):
            self.release(feed)

    def readers(self) -> Iterator[Reader]:
        for feed in list(self.values()):
            yield from list(feed.readers)

    def watched(self) -> list[tuple[UUID, int, int, str]]:
        """What is read here and written elsewhere: id, attempt, characters known, status."""
        return [
            (feed.reply_id, feed.attempt, feed.length, feed.status)
            for feed in self.values()
            if not feed.is_produced_here and not feed.has_ended
        ]

    def follow(self, state: ReplyState) -> None:
        """Takes over what another process, or a person, did with a reply that is read here."""
        feed = self.get(state.reply_id)
        if feed is not None and not feed.is_produced_here:
            feed.follow(state)
