"""Links that leave the page, above all in mails: they begin with PUBLIC_URL.

Never with the `Host` of the request that caused them, which whoever sends the request can choose: a mail with a link
that signs somebody in would lead them, and the link's key, to a stranger.
"""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def public_link(link: str) -> str:
    """The same place of this site, given as a path or with any scheme and host before it."""
    parts = urlsplit(link)
    return settings.PUBLIC_URL + urlunsplit(parts._replace(scheme="", netloc=""))
