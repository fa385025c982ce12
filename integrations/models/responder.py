from django.db import models

from integrations import secrets
from integrations.responders.base import ResponderSettings
from workspaces.tenancy import TenantModel, parent_of_tenant_rows


class Responder(TenantModel):
    """What writes the replies: an article search, or a model behind an address."""

    class Kind(models.TextChoices):
        KNOWLEDGE = "knowledge", "Knowledge base"
        OPENAI_COMPATIBLE = "openai_compatible", "OpenAI-compatible model"
        ANTHROPIC = "anthropic", "Anthropic model"
        WEBHOOK = "webhook", "Your own backend (webhook)"

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

    def set_api_key(self, key: str) -> None:
        self.api_key = secrets.encrypt(key) if key else b""

    @property
    def settings(self) -> ResponderSettings:
        return ResponderSettings(
            kind=self.kind,
            instructions=self.instructions,
            base_url=self.base_url,
            model=self.model,
            api_key=secrets.decrypt(bytes(self.api_key)) if self.api_key else "",
            temperature=self.temperature,
        )
