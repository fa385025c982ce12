"""Addresses of the pages of integrations, and who is let in."""

from typing import Any

from django.urls import reverse


def url(name: str, workspace: Any, *arguments: Any) -> str:
    return reverse(f"integrations:{name}", args=[workspace.slug, *arguments])


def assert_for_admins(world: Any, client: Any, method: str, address: str) -> None:
    """Admin (who is signed in) and owner get in; the stranger gets 404, the agent 403, anonymous people sign in."""
    ask = getattr(client, method)
    assert ask(address).status_code in (200, 302)
    client.force_login(world.owner)
    assert ask(address).status_code in (200, 302)
    client.force_login(world.stranger)
    assert ask(address).status_code == 404
    client.force_login(world.agent)
    assert ask(address).status_code == 403
    client.logout()
    response = ask(address)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
