"""Which events silence an address: the provider's own words, and what the other server said."""

from typing import Any

from consent.classify.provider_events import is_unclear, meaning_of
from consent.intake.mail_providers import MAIL_PROVIDERS
from tests.each import each

USER, FULL = "550 5.1.1 No such user here", "552 5.2.2 The mailbox is over quota"
SPAM, LATER = "550 5.7.1 Message rejected as spam", "451 4.3.0 try again later"
Raw = dict[str, Any]


def ses(kind: str, subtype: str = "General") -> Raw:
    return {"eventType": "Bounce", "bounce": {"bounceType": kind, "bounceSubType": subtype}}


def mailgun(severity: str, reason: str, **status: Any) -> Raw:
    return {"event-data": {"event": "failed", "severity": severity, "reason": reason, "delivery-status": status}}


def resend(**bounce: str) -> Raw:
    return {"type": "email.bounced", "data": {"bounce": bounce}}


def sparkpost(number: str) -> Raw:
    return {"msys": {"message_event": {"type": "bounce", "bounce_class": number}}}


def unisender(status: str) -> Raw:
    return {"status": "hard_bounced", "delivery_info": {"delivery_status": status}}


# provider, Anymail's reason, the event, what the other server said: an address that is dead
DEAD: list[tuple[str, str | None, Raw, str]] = [
    ("amazon_ses", "bounced", ses("Permanent"), USER),
    ("amazon_ses", "bounced", ses("Permanent", "NoEmail"), ""),
    ("amazon_ses", "bounced", ses("Permanent", "Suppressed"), ""),
    ("brevo", "bounced", {"event": "hard_bounce"}, ""),
    ("brevo", "invalid", {"event": "invalid_email"}, ""),
    ("mailersend", "bounced", {"data": {"type": "hard_bounced", "morph": {"reason": "Unknown user"}}}, ""),
    ("mailgun", "bounced", mailgun("permanent", "bounce", code=550), USER),
    ("mailgun", "bounced", mailgun("permanent", "suppress-bounce", code=605), "Not delivering to bounced address"),
    ("mailgun", "other", mailgun("permanent", "generic"), USER),
    ("mailgun", "bounced", {"event": "bounced", "code": "550", "error": USER}, USER),
    ("mailjet", "bounced", {"event": "bounce", "hard_bounce": True, "error": "user unknown"}, ""),
    ("mailtrap", "bounced", {"event": "bounce", "bounce_category": "bad-mailbox"}, ""),
    ("mailtrap", "bounced", {"event": "bounce"}, USER),
    ("mailtrap", "bounced", {"event": "bounce"}, "550 unknown user, in reply to RCPT TO"),
    ("mandrill", None, {"event": "hard_bounce"}, USER),
    ("mandrill", None, {"event": "hard_bounce"}, "550 user unknown"),
    ("postmark", "bounced", {"RecordType": "Bounce", "Type": "HardBounce"}, USER),
    ("postmark", "bounced", {"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"}, ""),
    ("resend", "bounced", resend(type="Permanent", message="The server answered."), ""),
    ("resend", "bounced", resend(message="sent a hard bounce message"), ""),
    ("sendgrid", None, {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": USER}, USER),
    ("sparkpost", "invalid", sparkpost("10"), USER),
    ("sparkpost", "bounced", sparkpost("30"), ""),
    ("unisender_go", "bounced", unisender("err_user_unknown"), "550 5.7.1 User unknown"),
]
# … and one that is alive, or of which nobody can tell
ALIVE: list[tuple[str, str | None, Raw, str]] = [
    ("amazon_ses", "bounced", ses("Transient"), ""),
    ("amazon_ses", "bounced", ses("Transient", "MailboxFull"), FULL),
    ("amazon_ses", "bounced", ses("Undetermined", "Undetermined"), USER),
    ("amazon_ses", "bounced", ses("Permanent", "OnAccountSuppressionList"), ""),
    ("amazon_ses", "bounced", ses("Permanent"), SPAM),
    ("brevo", "bounced", {"event": "soft_bounce"}, USER),
    ("brevo", "bounced", {"event": "hard_bounce"}, FULL),
    ("mailersend", "bounced", {"data": {"type": "soft_bounced"}}, ""),
    ("mailersend", "bounced", {"data": {"type": "hard_bounced", "morph": {"reason": "Mailbox full"}}}, ""),
    ("mailgun", "bounced", mailgun("temporary", "generic"), LATER),
    ("mailgun", "bounced", mailgun("permanent", "bounce", code=550), SPAM),
    ("mailgun", "other", mailgun("permanent", "generic"), "No MTA answered"),
    ("mailgun", "bounced", {"event": "bounced", "code": "452"}, FULL),
    ("mailjet", "bounced", {"event": "bounce", "hard_bounce": False, "error": "user unknown"}, ""),
    ("mailjet", "bounced", {"event": "bounce", "hard_bounce": True, "error": "quota exceeded"}, ""),
    ("mailjet", "bounced", {"event": "bounce"}, ""),
    ("mailtrap", "bounced", {"event": "bounce", "bounce_category": "spam-related"}, USER),
    ("mailtrap", "bounced", {"event": "bounce", "bounce_category": "badmailbox"}, FULL),
    ("mailtrap", "bounced", {"event": "bounce"}, "550 user unknown"),
    ("mandrill", None, {"event": "soft_bounce"}, USER),
    ("mandrill", None, {"event": "hard_bounce"}, "smtp;550 5.7.1 blocked by Spamhaus"),
    ("postal", "bounced", {"payload": {"bounce": {}}}, ""),
    ("postmark", "bounced", {"RecordType": "Bounce", "Type": "SoftBounce"}, USER),
    ("resend", "bounced", resend(type="Transient", message="sent a general bounce message"), ""),
    ("resend", "bounced", resend(message="because the recipient's inbox was full, a bounce message"), ""),
    ("resend", "blocked", resend(type="Permanent", message="Resend has suppressed sending to it"), ""),
    ("sendgrid", None, {"event": "bounce", "type": "blocked", "status": "5.1.1"}, USER),
    ("sendgrid", None, {"event": "bounce", "bounce_classification": "Reputation"}, USER),
    ("sendgrid", None, {"event": "bounce", "type": "bounce", "status": "4.2.2", "reason": FULL}, FULL),
    ("sparkpost", "bounced", sparkpost("22"), FULL),
    ("sparkpost", "bounced", sparkpost("21"), "no mx"),
    ("sparkpost", "spam", sparkpost("51"), SPAM),
    ("sparkpost", "other", sparkpost("1"), USER),
    ("unisender_go", "bounced", unisender("err_mailbox_full"), ""),
    ("unisender_go", "bounced", unisender("err_unreachable"), ""),
]


@each(("provider", "reason", "raw", "said"), DEAD)
def test_a_dead_address(provider: str, reason: str | None, raw: Raw, said: str) -> None:
    assert meaning_of(provider, "bounced", reason, raw, said) == "hard_bounce"


@each(("provider", "reason", "raw", "said"), ALIVE)
def test_an_address_that_is_alive(provider: str, reason: str | None, raw: Raw, said: str) -> None:
    assert meaning_of(provider, "bounced", reason, raw, said) == ""


@each("provider", MAIL_PROVIDERS)
def test_the_other_kinds_of_events(provider: str) -> None:
    for kind in (
        "delivered",
        "sent",
        "queued",
        "opened",
        "clicked",
        "deferred",
        "subscribed",
        "autoresponded",
        "unknown",
    ):
        assert meaning_of(provider, kind, "bounced", {}, USER) == ""
    for reason in ("blocked", "spam", "timed_out", "invalid", "other", None):
        assert meaning_of(provider, "rejected", reason, {}, USER) == ""
    assert meaning_of(provider, "bounced", None, {}, "") == ""
    assert meaning_of(provider, "unsubscribed", None, {}, "") == "opt_out"
    assert meaning_of(provider, "rejected", "unsubscribed", {}, "") == "opt_out"
    assert meaning_of(provider, "complained", "spam", {}, "") == "complaint"


@each(
    ("provider", "kind", "raw", "meaning"),
    [
        ("postal", "failed", {"payload": {"status": "HardFail"}}, "hard_bounce"),
        ("brevo", "failed", {"event": "error"}, ""),
        ("sendgrid", "rejected", {"event": "dropped", "reason": "Spam Reporting Address"}, "complaint"),
        ("mailgun", "bounced", mailgun("permanent", "suppress-unsubscribe"), "opt_out"),
        ("amazon_ses", "bounced", ses("Permanent", "UnsubscribedRecipient"), "opt_out"),
        ("amazon_ses", "complained", {"complaint": {"complaintFeedbackType": "not-spam"}}, ""),
    ],
)
def test_a_provider_s_own_words(provider: str, kind: str, raw: Raw, meaning: str) -> None:
    assert meaning_of(provider, kind, None, raw, USER) == meaning


def test_sendgrid_drops_what_is_on_its_own_list() -> None:
    assert meaning_of("sendgrid", "rejected", "bounced", {"event": "dropped"}, "") == "hard_bounce"


def test_of_several_recipients_nobody_knows_which_one_it_was() -> None:
    both = {"data": {"to": ["Ann <ann@example.org>"], "cc": ["bob@example.org"]}}
    assert is_unclear("resend", both) == ("ann@example.org", "bob@example.org")
    assert is_unclear("resend", {"data": {"to": ["ann@example.org"]}}) == ()
    complained = [{"emailAddress": "ann@example.org"}, {"emailAddress": "bob@example.org"}]
    assert len(is_unclear("amazon_ses", {"complaint": {"complainedRecipients": complained}})) == 2
    assert is_unclear("brevo", {"to": ["ann@example.org", "bob@example.org"]}) == ()
