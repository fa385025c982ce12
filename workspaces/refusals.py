"""What the rules of a workspace do not allow. The message is for people: what happened, and what to do."""


class Refused(Exception):
    """A change that would break a rule of the workspace."""


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
