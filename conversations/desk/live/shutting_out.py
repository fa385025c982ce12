"""Whoever leaves a workspace, is removed from it, or has lost their session, hears nothing more of it."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from conversations.store import announcing
from workspaces.models import Membership, User
from workspaces.sign_in.starting_over import started_over


@receiver(post_delete, sender=Membership)
def on_end(instance: Membership, **_: Any) -> None:
    transaction.on_commit(partial(announcing.shut_out, membership_id=instance.pk))


@receiver(post_save, sender=Membership)
def on_change(instance: Membership, created: bool, **_: Any) -> None:
    if not created:
        transaction.on_commit(partial(announcing.shut_out, membership_id=instance.pk))


@receiver(started_over)
def on_starting_over(user: User, **_: Any) -> None:
    for membership_id in Membership.objects.filter(user=user).values_list("pk", flat=True):
        announcing.shut_out(membership_id=membership_id)
