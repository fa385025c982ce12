"""Whoever leaves a workspace, or is removed from it, hears nothing more of it."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from conversations import live
from workspaces.models import Membership


@receiver(post_delete, sender=Membership)
def on_end(instance: Membership, **_: Any) -> None:
    transaction.on_commit(partial(live.shut_out, membership_id=instance.pk))


@receiver(post_save, sender=Membership)
def on_change(instance: Membership, created: bool, **_: Any) -> None:
    if not created:
        transaction.on_commit(partial(live.shut_out, membership_id=instance.pk))
