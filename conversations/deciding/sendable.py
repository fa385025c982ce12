from workspaces import typed
from workspaces.refusals import Refused

MAX_BODY = 20_000


def sendable(body: str) -> str:
    """The text of an agent as it is stored and sent. Raises Refused."""
    body = typed.clean(body)
    if not body:
        raise Refused("The message is empty. Write something first.")
    if len(body) > MAX_BODY:
        raise Refused(f"The message has {len(body)} characters; at most {MAX_BODY} can be sent.")
    return body
