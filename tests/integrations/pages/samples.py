"""The samples of the Connect page, as a person copies them: out of the page, after revealing the token."""

import html
import re

from django.urls import reverse

_SAMPLE = re.compile(r'<code id="[a-z]+-code" data-snippet="([a-z]+)">(.*?)</code>', re.DOTALL)


def samples(client, account, *, admin, settings, server):
    """Name to code, for a server at this address."""
    settings.PUBLIC_URL = server
    client.force_login(admin)
    page = client.post(reverse("integrations:connect", args=[account.workspace.slug, account.pk])).text
    return {name: html.unescape(code) for name, code in _SAMPLE.findall(page)}
