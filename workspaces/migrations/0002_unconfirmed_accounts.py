"""Accounts whose main address nobody confirmed keep what they could have today: that address, and a password that lets
in together with a code from its mailbox.

Other addresses (confirmed ones too), authenticators and open sessions may be somebody else's, who waits there. Further
addresses that nobody confirmed go from every account. Superusers with whom nobody ever signed up were made by whoever
runs the server: their address counts as confirmed.
"""

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.db.models import Exists, F, OuterRef
from django.utils import timezone


def start_over(apps, schema_editor):
    users = apps.get_model("workspaces", "User").objects
    addresses = apps.get_model("account", "EmailAddress").objects
    authenticators = apps.get_model("mfa", "Authenticator").objects

    for user in users.filter(~Exists(addresses.filter(user=OuterRef("pk"))), is_superuser=True):
        if not addresses.filter(email=user.email, verified=True).exists():
            addresses.create(user=user, email=user.email, verified=True, primary=True)
    confirmed_mains = addresses.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    unconfirmed = set(users.filter(~Exists(confirmed_mains)).values_list("pk", flat=True))

    addresses.filter(verified=False).exclude(email=F("user__email")).delete()
    addresses.filter(user__in=unconfirmed).exclude(email=F("user__email")).delete()
    authenticators.filter(user__in=unconfirmed).delete()
    end_sessions(apps, {str(pk) for pk in unconfirmed})


def end_sessions(apps, user_ids):
    if not user_ids or settings.SESSION_ENGINE != "django.contrib.sessions.backends.db":
        return
    store, sessions = SessionStore(), apps.get_model("sessions", "Session").objects
    for session in sessions.filter(expire_date__gt=timezone.now()).iterator():
        if store.decode(session.session_data).get("_auth_user_id") in user_ids:
            session.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0001_teams"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(start_over, migrations.RunPython.noop)]
