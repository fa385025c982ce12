"""Streams are open for minutes, so their tokens are looked at again and again."""

from time import monotonic

from conversations import store
from conversations.making.feeds import Feeds

EVERY_SECONDS = 5.0


class TokenCheck:
    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._done_at = monotonic()

    async def run(self) -> None:
        """Ends the streams whose token has expired or was revoked, or whose account was retired, since they opened."""
        if monotonic() - self._done_at < EVERY_SECONDS:
            return
        self._done_at = monotonic()
        readers = [(reader, reader.token_id) for reader in self._feeds.readers() if reader.token_id is not None]
        if not readers:
            return
        working = await store.working_tokens({token_id for _, token_id in readers})
        for reader, token_id in readers:
            if token_id not in working:
                reader.shut_out()
