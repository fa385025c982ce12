"""An address is confirmed by a link that was mailed to it, not in the session that signed up.

Whoever has the mailbox need not be whoever signed up: that may have been somebody who waited for them. So nothing that
was set before stays: no password, no other address, no authenticator, and no session.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.dispatch import Signal

from workspaces.models import User

started_over = Signal()
"""Sent with ``user`` once it is committed. Open sessions end by themselves, with the password."""


@transaction.atomic
def start_over(address: EmailAddress) -> User | None:
    """Confirms a main address; the person then chooses a password. None: another account has confirmed it meanwhile."""
    user = User.objects.select_for_update().get(pk=address.user_id)
    addresses = EmailAddress.objects.filter(user=user)
    if address.email != user.email or EmailAddress.objects.filter(email=user.email, verified=True).exists():
        return None
    user.set_unusable_password()
    user.save(update_fields=["password"])
    addresses.exclude(pk=address.pk).delete()
    addresses.update(verified=True, primary=True)
    Authenticator.objects.filter(user=user).delete()
    transaction.on_commit(lambda: started_over.send(sender=User, user=user))
    return user
