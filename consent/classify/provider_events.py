"""What an event of a mail provider means for the address: Anymail's word for it, then each provider's own details.

Anymail calls a full mailbox and a dead one alike `bounced`, so the word alone silences nobody. An address is dead only
where the provider itself says that the failure is permanent, and where what the other server said does not tell of
something else (a full mailbox, the message's content, our repute). Providers that do not say need the server's words.
"""

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from typing import Any

from consent.classify.mail_bounce_verdict import best_status, counts, is_believable, is_decisive, is_hard
from consent.classify.mail_bounce_words import CODES, SOFT_SUBJECTS
from consent.intake.mail_event import Meaning

Raw = Mapping[str, Any]
Judge = Callable[[Raw], bool | None]  # permanent, not permanent, or only the other server's words can tell

_STATUSES = frozenset(code.status for code in CODES)
_CHARACTERS = 500


def meaning_of(provider: str, kind: str, reason: str | None, raw: Raw, response: str) -> Meaning:
    """The no that an event tells of. `kind` and `reason` are Anymail's; `raw` the event as the provider wrote it;
    `response` what the other server said.
    """
    if kind in ("bounced", "rejected"):
        told = _told(provider, raw)
        if told or reason == "unsubscribed":
            return told or "opt_out"
    if kind == "unsubscribed":
        return "opt_out"
    if kind == "complained":
        return "" if _is_no_spam(provider, raw) else "complaint"
    return "hard_bounce" if _may_bounce(provider, kind, reason) and _is_dead(provider, raw, response) else ""


def fails_for_a_while(provider: str, kind: str, reason: str | None, raw: Raw, response: str) -> bool:
    """Whether an event that is no hard bounce tells that the address fails: full, suspended, not reached. A message put
    off by greylisting, or refused for its content or our repute, says nothing of the address.
    """
    if kind not in ("bounced", "deferred", "failed") or reason in ("spam", "blocked", "unsubscribed"):
        return False
    words = f"{response[:_CHARACTERS]} {_words(provider, raw)}".strip()
    return counts(best_status(_status(provider, raw), words), words)


def _may_bounce(provider: str, kind: str, reason: str | None) -> bool:
    """`rejected` for `bounced`: the provider's own list has it. Postal calls a failure at the other server `failed`."""
    return kind == "bounced" or (kind, reason) == ("rejected", "bounced") or (provider, kind) == ("postal", "failed")


def _is_dead(provider: str, raw: Raw, response: str) -> bool:
    permanent = _PERMANENT[provider](raw)
    if permanent is False:
        return False
    words = f"{response[:_CHARACTERS]} {_words(provider, raw)}".strip()
    status = best_status(_status(provider, raw), words)
    if status[:1] == "4":
        return False
    if status in _STATUSES or _subject_is_soft(status) or is_decisive(words):
        dead = is_hard(status, words) or (provider in _NAMES_CAUSE and _subject_is_soft(status) and is_hard("", words))
        return dead and (permanent is True or is_believable(status, words, ""))
    return permanent is True


# They name what they found out themselves (`err_user_unknown`): 5.7.1 with the same words is no matter of policy then.
_NAMES_CAUSE = frozenset({"sparkpost", "unisender_go"})


def _subject_is_soft(status: str) -> bool:
    return bool(status) and status.split(".")[1] in SOFT_SUBJECTS


def _at(raw: Any, *path: str) -> Any:
    for name in path:
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    return raw


def _text(raw: Any, *path: str) -> str:
    value = _at(raw, *path)
    return str(value)[:_CHARACTERS] if isinstance(value, str | int | float) else ""


def _among(*allowed: str, at: tuple[str, ...]) -> Judge:
    return lambda raw: _text(raw, *at) in allowed


def _amazon_ses(raw: Raw) -> bool | None:
    # https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types. The account's own list holds
    # complaints too.
    if _text(raw, "bounce", "bounceType") != "Permanent":
        return False
    return None if _text(raw, "bounce", "bounceSubType") == "OnAccountSuppressionList" else True


def _mailgun(raw: Raw) -> bool | None:
    event = _at(raw, "event-data")
    if event is None:  # until 2018 a form; `dropped` with 605 is Mailgun's own list
        return _text(raw, "code")[:1] == "5" or _text(raw, "code") == "605"
    if _text(event, "severity") != "permanent":
        return False
    return True if _text(event, "reason") in ("bounce", "suppress-bounce") else None


def _mailjet(raw: Raw) -> bool | None:
    given = raw.get("hard_bounce")
    return given if isinstance(given, bool) else None


_MAILTRAP_DEAD = ("badmailbox", "baddomain", "inactivemailbox", "invalidmailbox", "hardbounce", "unknownuser")


def _mailtrap(raw: Raw) -> bool | None:
    if raw.get("event") != "bounce":
        return False
    category = "".join(sign for sign in _text(raw, "bounce_category").casefold() if sign.isalpha())
    if category in _MAILTRAP_DEAD:
        return True
    return None if category in ("", "other", "general", "undetermined") else False


def _postal(raw: Raw) -> bool | None:
    return None if _text(raw, "payload", "status") == "HardFail" else False


def _postmark(raw: Raw) -> bool | None:
    # https://postmarkapp.com/developer/api/bounce-api#bounce-types
    return "HardBounce" in (_text(raw, "Type"), _text(raw, "SuppressionReason"))


def _resend(raw: Raw) -> bool | None:
    kind, message = _text(raw, "data", "bounce", "type"), _text(raw, "data", "bounce", "message")
    if "suppressed" in message or "Suppress" in _text(raw, "data", "bounce", "subType"):
        return False  # by their own list, which holds complaints too
    return kind == "Permanent" if kind else "hard bounce" in message


def _sendgrid(raw: Raw) -> bool | None:
    if raw.get("event") == "dropped":
        return True  # for `bounced`, which Anymail has read: their own list has it
    softly = ("content", "reputation", "technical", "frequency or volume too high")
    hard = raw.get("event") == "bounce" and _text(raw, "type") in ("", "bounce")
    return hard and _text(raw, "bounce_classification").casefold() not in softly


def _sparkpost(raw: Raw) -> bool | None:
    # https://support.sparkpost.com/docs/deliverability/bounce-classification-codes: 10 invalid recipient, 30 no RCPT
    return _text(_inner(raw), "bounce_class") in ("10", "30")


def _inner(raw: Raw) -> Any:
    wrapped = raw.get("msys")
    return next(iter(wrapped.values()), {}) if isinstance(wrapped, Mapping) else {}


_PERMANENT: dict[str, Judge] = {
    "amazon_ses": _amazon_ses,
    "brevo": _among("hard_bounce", "invalid_email", at=("event",)),
    "mailersend": _among("hard_bounced", at=("data", "type")),
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "mailtrap": _mailtrap,
    "mandrill": _among("hard_bounce", at=("event",)),
    "postal": _postal,
    "postmark": _postmark,
    "resend": _resend,
    "sendgrid": _sendgrid,
    "sparkpost": _sparkpost,
    # https://godocs.unisender.ru/web-api-ref#callback-format
    "unisender_go": _among(
        "err_user_unknown",
        "err_user_inactive",
        "err_mailbox_discarded",
        "err_domain_inactive",
        at=("delivery_info", "delivery_status"),
    ),
}

_STATUS_AT: dict[str, tuple[str, ...]] = {
    "mailgun": ("event-data", "delivery-status", "enhanced-code"),
    "sendgrid": ("status",),
}
_WORDS_AT: dict[str, tuple[tuple[str, ...], ...]] = {
    "mailersend": (("data", "morph", "reason"),),
    "mailgun": (("event-data", "delivery-status", "description"), ("error",)),
    "mailjet": (("error",), ("comment",)),
    "sendgrid": (("reason",),),
}


def _status(provider: str, raw: Raw) -> str:
    return _text(raw, *_STATUS_AT[provider]) if provider in _STATUS_AT else ""


def _words(provider: str, raw: Raw) -> str:
    return " ".join(_text(raw, *path) for path in _WORDS_AT.get(provider, ()))


# What a provider did not send because its own list holds a no that we may lack.
_OWN_LISTS: dict[str, tuple[tuple[str, ...], dict[str, Meaning]]] = {
    "mailgun": (
        ("event-data", "reason"),
        {"suppress-unsubscribe": "opt_out", "suppress-complaint": "complaint"},
    ),
    "amazon_ses": (("bounce", "bounceSubType"), {"UnsubscribedRecipient": "opt_out"}),
    "sendgrid": (("reason",), {"Unsubscribed Address": "opt_out", "Spam Reporting Address": "complaint"}),
    "mailjet": (("error",), {"spam reporter": "complaint"}),
}


def _told(provider: str, raw: Raw) -> Meaning:
    path, table = _OWN_LISTS.get(provider, ((), {}))
    return table.get(_text(raw, *path), "") if path else ""


def _is_no_spam(provider: str, raw: Raw) -> bool:
    """RFC 5965 knows a report that says the opposite: `not-spam`."""
    given = {
        "amazon_ses": _text(raw, "complaint", "complaintFeedbackType"),
        "sparkpost": _text(_inner(raw), "fbtype"),
    }.get(provider, "")
    return given.replace("_", "-").casefold() == "not-spam"


def is_unclear(provider: str, raw: Raw) -> tuple[str, ...]:
    """The recipients of whom an event may speak, where the provider does not say of which one; nobody otherwise."""
    if provider == "amazon_ses":  # "recipients that may have submitted the complaint"
        found = _at(raw, "complaint", "complainedRecipients") or ()
        addresses = [_text(one, "emailAddress") for one in found]
    elif provider == "resend":  # an event each, but no word of which
        named = [one for name in ("to", "cc", "bcc") for one in _at(raw, "data", name) or ()]
        addresses = [parseaddr(one[:1_000])[1] for one in named if isinstance(one, str)]
    else:
        return ()
    return tuple(addresses) if len(addresses) > 1 else ()
