"""What the rules do not allow, as people are told.

One family: whatever refuses something to a person derives from ``Refused``, beside what it is about. Pages catch the
family, and show the text.
"""


class Refused(Exception):
    """``str()`` of it is for people: what happened, and what to do."""


class LastOwner(Refused):
    def __init__(self) -> None:
        super().__init__("This is the last owner. Make somebody else an owner first.")


class AlreadyMember(Refused):
    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is already a member.")


class TooManyInvitations(Refused):
    def __init__(self, limit: int) -> None:
        super().__init__(f"A workspace can invite {limit} people a day. Try again tomorrow.")


class InvitationOver(Refused):
    def __init__(self) -> None:
        super().__init__("This invitation was used or revoked, or it has expired. Ask for a new one.")


class OtherAddress(Refused):
    def __init__(self, email: str) -> None:
        super().__init__(f"This invitation is for {email}. Sign in with that address to accept it.")


class NotConfirmed(Refused):
    def __init__(self, email: str) -> None:
        super().__init__(f"Confirm first that {email} is your address. Then open the link of the invitation again.")
