from conversations.deciding.refusals import NotSendable
from workspaces.unseen import is_blank

MAX_BODY = 20_000


def sendable(body: str) -> str:
    """The text of an agent as it can be stored and sent: trimmed, line ends as LF. Raises NotSendable."""
    body = body.strip().replace("\r\n", "\n")
    if is_blank(body):
        raise NotSendable("The message is empty. Write something first.")
    if len(body) > MAX_BODY:
        raise NotSendable(f"The message has {len(body)} characters; at most {MAX_BODY} can be sent.")
    if "\x00" in body:
        raise NotSendable("The message contains a NUL character. Remove it.")
    return body
