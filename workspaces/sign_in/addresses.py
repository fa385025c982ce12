"""Whose address it is. Only a confirmed one counts: somebody has shown that mail to it reaches them.

The main address stands on the user. Until it is confirmed, whoever signed up with it may be anybody.
"""

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction


def has_confirmed(user: AbstractBaseUser, email: str) -> bool:
    """Whether this address, the main one or another, is confirmed as the person's."""
    return bool(EmailAddress.objects.filter(user_id=user.pk, email=email.lower(), verified=True).exists())


def has_confirmed_main(user: AbstractBaseUser) -> bool:
    return has_confirmed(user, _main(user))


def unconfirmed_main(email: str) -> EmailAddress | None:
    """The address, where it is the main one of an account that may sign in, and nobody has confirmed it for any."""
    email = email.lower()
    user = get_user_model().objects.filter(email=email, is_active=True).first()
    if user is None or EmailAddress.objects.filter(email=email, verified=True).exists():
        return None
    address, _ = EmailAddress.objects.get_or_create(user=user, email=email)
    return address


@transaction.atomic
def vouch_for(user: AbstractBaseUser) -> None:
    """Whoever runs the server says that the main address is the person's."""
    EmailAddress.objects.filter(user_id=user.pk, primary=True).exclude(email=_main(user)).update(primary=False)
    EmailAddress.objects.update_or_create(
        user_id=user.pk, email=_main(user), defaults={"verified": True, "primary": True}
    )


@transaction.atomic
def replace_main(user: AbstractBaseUser) -> None:
    """The person got another main address from whoever runs the server: none of the former ones leads in any more."""
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=_main(user)).delete()


def _main(user: AbstractBaseUser) -> str:
    return user.get_username()
