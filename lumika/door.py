"""The door of the pages: so many requests at a time are answered, some wait, and the rest are told to come again.

A request enters once its body is whole, and its answer goes out after it has left: a client that is slow holds nothing.
docs/decisions/0010-the-door-of-the-pages.md has the reasons.
"""

from lumika import refusing
from lumika.refusing import App, Message, Receive, Refusal, Scope, Send
from workspaces.door import Door, Place, enter_as

LEFT: Message = {"type": "http.disconnect"}
FULL = Refusal(
    503,
    "unavailable",
    "Too much at once",
    "More people want a page than this server can answer right now. Nothing was changed. Try again in a moment.",
)


def guarded(app: App, door: Door) -> App:
    """Django's handler behind the door."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        place = Place(door)
        is_refused = False
        said: list[Message] = []

        async def receive_and_enter() -> Message:
            nonlocal is_refused
            message = await receive()
            if _is_end_of_body(message) and not await place.take():
                is_refused = True
                return LEFT
            return message

        async def keep(message: Message) -> None:
            said.append(message)

        enter_as(place)
        try:
            await app(scope, receive_and_enter, keep)
        finally:
            place.leave()
        if is_refused:
            await refusing.say(FULL, scope, send)
        elif said:
            await send(said[0])
            await send({"type": "http.response.body", "body": b"".join(part.get("body", b"") for part in said[1:])})

    return answer


def _is_end_of_body(message: Message) -> bool:
    return message["type"] == "http.request" and not message.get("more_body", False)
