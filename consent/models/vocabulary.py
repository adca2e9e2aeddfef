"""The words of the field, as the database keeps them."""

from django.db import models


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    POST = "post", "Post"


class ControllerKind(models.TextChoices):
    OWN = "own", "Our own organisation"
    AFFILIATE = "affiliate", "An affiliate"
    CLIENT = "client", "A client (we are the processor)"


class TopicClass(models.TextChoices):
    MARKETING = "marketing", "Marketing"
    SERVICE = "service", "Service messages"
    SHARING = "sharing", "Sharing with third parties"


class Basis(models.TextChoices):
    OPT_IN = "opt_in", "Needs an active grant"
    CONFIRMED_OPT_IN = "confirmed_opt_in", "Needs a confirmed grant"
    OPT_OUT = "opt_out", "Allowed until refused"
    NONE = "none", "Needs no consent (service)"


class SenderKind(models.TextChoices):
    SENDER = "sender", "Sends"
    OPT_OUT = "opt_out", "Takes opt-outs (mailbox)"
    PRIVACY = "privacy", "Takes privacy requests (mailbox)"
    BOUNCE = "bounce", "Takes bounces (mailbox)"


class Action(models.TextChoices):
    """What a ledger line does (states of consent after W3C DPV)."""

    REQUEST = "request", "asked for, not confirmed"
    GRANT = "grant", "said yes"
    CONFIRM = "confirm", "confirmed a yes"
    WITHDRAW = "withdraw", "said no"
    OBJECT = "object", "objected"
    EXPIRE = "expire", "expired"
    INVALIDATE = "invalidate", "became invalid"
    LIFT = "lift", "lifted"
    DEFER = "defer", "put off the answer"


class Cause(models.TextChoices):
    """What a denial came from. It decides who can lift it and which classes it silences (consent/rules.py)."""

    STOP = "stop", "STOP at a number"
    CHOICE = "choice", "the person's own choice"
    HARD_BOUNCE = "hard_bounce", "hard bounce"
    COMPLAINT = "complaint", "complaint"
    DECEASED = "deceased", "deceased"
    MINOR = "minor", "a child"
    LISTED = "listed", "an outside list"
    PAUSED = "paused", "paused"


class ChangeKind(models.TextChoices):
    """What a change did. One that is added or granted takes the place of an earlier one of the same name."""

    SUPPRESSION_ADDED = "suppression.added", "A denial is in force, or says something else than before"
    SUPPRESSION_LIFTED = "suppression.lifted", "A denial is no longer in force"
    CONSENT_GRANTED = "consent.granted", "A permission is there, or says something else than before"
    CONSENT_WITHDRAWN = "consent.withdrawn", "A permission is no longer there"


class InboundState(models.TextChoices):
    PENDING = "pending", "Waiting for the pipeline"
    FETCHING = "fetching", "Told of; the letter is asked for"
    DONE = "done", "Worked off"
    REVIEW = "review", "Waiting for staff"
    SET_ASIDE = "set_aside", "Set aside after errors"


class VersionState(models.TextChoices):
    """What became of a version of an outside list."""

    RECEIVED = "received", "Received, not yet counting"
    IMPORTING = "importing", "Being imported: each row counts from its commit on"
    WAITING = "waiting", "Imported; what it drops waits for a confirmation"
    DROPPING = "dropping", "Imported; what it drops is being lifted"
    CURRENT = "current", "In force"
    REPLACED = "replaced", "Replaced by a later version"
    FAILED = "failed", "Given up after errors"
