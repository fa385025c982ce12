"""Why a verb of an agent does not apply: what happened meanwhile, and what to do."""

from conversations.models import Reply
from workspaces.refusals import Refused


class AlreadyDecided(Refused):
    """Somebody, or the customer, was first."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(reply.what_happened)


class TooLate(Refused):
    """The hold in which the decision could be undone is over, or was cut short."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"It is too late to undo this. {reply.what_happened}")
