"""How one person works at the desk; whoever never chose works with the defaults."""

from conversations.models import DeskPreferences
from workspaces.models import User


def of(user: User) -> DeskPreferences:
    return DeskPreferences.objects.filter(user=user).first() or DeskPreferences(user=user)


def choose(*, user: User, single_keys: bool, sound: bool, browser_notifications: bool) -> DeskPreferences:
    chosen = {"single_keys": single_keys, "sound": sound, "browser_notifications": browser_notifications}
    return DeskPreferences.objects.update_or_create(user=user, defaults=chosen)[0]
