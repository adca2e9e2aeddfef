"""API keys of the systems that ask us. Only the digest of a key is stored."""

import hashlib
import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models

from consent.models import Controller

SCOPES = (
    "check",
    "consent:write",
    "links",
    "suppressions:read",
    "suppressions:write",
    "people:read",
    "people:write",
    "destinations",
)


def digest_of(token: str) -> bytes:
    """The SHA-256 of a key. Keys are 43 random characters, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A new key with 256 random bits."""
    return f"sayso_{secrets.token_urlsafe(32)}"


class ApiKey(models.Model):
    """One key, bound to a controller, with scopes."""

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell keys apart.")
    digest = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
