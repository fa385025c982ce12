from typing import Any

from django.db import models
from django.utils import timezone

from integrations.responders.base import ResponderError, ResponderSettings
from integrations.responders.webhook import new_secret
from workspaces import secrets
from workspaces.tenancy import TenantModel, parent_of_tenant_rows


class Responder(TenantModel):
    """What writes the replies: an article search, or a model behind an address."""

    class Kind(models.TextChoices):
        KNOWLEDGE = "knowledge", "Knowledge base"
        OPENAI_COMPATIBLE = "openai_compatible", "OpenAI-compatible model"
        ANTHROPIC = "anthropic", "Anthropic model"
        WEBHOOK = "webhook", "Your own backend (webhook)"

        @property
        def meaning(self) -> str:
            return {
                self.KNOWLEDGE: "Quotes your articles, word for word. No key, no cost, nothing leaves this server.",
                self.OPENAI_COMPATIBLE: "OpenAI, Azure, Gemini, Mistral, Ollama, vLLM, and others that speak Chat "
                "Completions. It reads the articles that match, and cites them.",
                self.ANTHROPIC: "Claude, by the Messages API. It reads the articles that match, and cites them.",
                self.WEBHOOK: "Lumika posts the conversation to an address of yours, signed, and your code writes the "
                "reply.",
            }[self]

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.KNOWLEDGE)
    name = models.CharField(max_length=100)
    instructions = models.TextField(blank=True, max_length=20_000)
    base_url = models.URLField(blank=True, help_text="Ends in /v1, as the provider's own SDK takes it.")
    model = models.CharField(blank=True, max_length=200)
    api_key = models.BinaryField(default=bytes, blank=True, help_text="Encrypted; empty when there is none.")
    temperature = models.FloatField(null=True, blank=True)
    max_tokens = models.PositiveIntegerField(null=True, blank=True, help_text="Longest answer, in the model's tokens.")
    last_error_code = models.CharField(max_length=60, blank=True, default="")
    last_error_message = models.TextField(blank=True, default="")
    last_error_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            parent_of_tenant_rows(),
            models.CheckConstraint(
                condition=models.Q(kind="knowledge") | ~models.Q(base_url=""), name="responder_address_where_needed"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def used_by(self) -> list[Any]:
        """The active accounts whose replies it writes, by name; prefetch ``accounts`` for a list."""
        return sorted((account for account in self.accounts.all() if not account.is_retired), key=lambda a: a.name)

    @property
    def has_api_key(self) -> bool:
        return bool(self.api_key)

    @property
    def is_webhook(self) -> bool:
        return self.kind == self.Kind.WEBHOOK

    def set_api_key(self, key: str) -> None:
        self.api_key = secrets.encrypt(key) if key else b""

    def reveal_api_key(self) -> str:
        """In clear text; empty when there is none. Raises SecretUnreadable."""
        return secrets.decrypt(bytes(self.api_key)) if self.api_key else ""

    def issue_signing_secret(self) -> str:
        """A new secret for a webhook's signatures, not yet saved; those made with the old one end with it."""
        secret = new_secret()
        self.set_api_key(secret)
        return secret

    def note_failure(self, error: ResponderError) -> None:
        self.last_error_code, self.last_error_message, self.last_error_at = error.code, error.message, timezone.now()
        self.save(update_fields=["last_error_code", "last_error_message", "last_error_at"])

    def note_success(self) -> None:
        """A failure is news only until a reply succeeds."""
        if self.last_error_at is not None:
            self.last_error_code, self.last_error_message, self.last_error_at = "", "", None
            self.save(update_fields=["last_error_code", "last_error_message", "last_error_at"])

    @property
    def settings(self) -> ResponderSettings:
        return ResponderSettings(
            kind=self.kind,
            instructions=self.instructions,
            base_url=self.base_url,
            model=self.model,
            api_key=self.reveal_api_key(),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )
