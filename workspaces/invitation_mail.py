"""The mail that brings an invitation's link."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from workspaces.models import Invitation

logger = logging.getLogger(__name__)


def mail_invitation(invitation: Invitation, *, link: str) -> bool:
    """Whether the mail server took the mail. Names that people chose cannot start a new line."""
    context = {"invitation": invitation, "link": link, "workspace": " ".join(invitation.workspace.name.split())}
    subject = f"You are invited to {context['workspace']} on Lumika"
    try:
        send_mail(subject, render_to_string("workspaces/invitations/mail.txt", context), None, [invitation.email])
    except (SMTPException, OSError):
        logger.exception("An invitation could not be mailed.")
        return False
    return True
