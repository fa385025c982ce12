"""What people find in their mail."""

import re

from django.core import mail


def mails_to(email):
    return [message for message in mail.outbox if message.to == [email]]


def newest_to(email):
    return mails_to(email)[-1].body


def code_to(email):
    """The newest code that was mailed to this address."""
    return re.findall(r"^[B-Z]{4}-[B-Z]{4}$", newest_to(email), re.MULTILINE)[0]


def link_to(email):
    """The path of the newest link to this server that was mailed to this address, besides the signature's."""
    return re.findall(r"http://localhost:8000(/\S+)", newest_to(email))[0]
