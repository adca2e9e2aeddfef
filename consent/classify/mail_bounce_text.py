"""Failure reports in plain words, from programs that do not write the standard's.

flufl.bounce (GNU Mailman's detectors) knows some seventeen of them; a general reading of "the following address failed"
is the last resort. What the words say about the address decides whether it is hard.
"""

import re
from collections.abc import Iterable
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

from consent.classify.mail_automatic import auto_submitted, is_responder
from consent.classify.mail_bounce import NOTICE_CHARS, Bounce, embedded_bounces, judged, said_of, unique
from consent.classify.mail_bounce_verdict import is_decisive, refused_as_a_message
from consent.classify.mail_recipient import ADDRESS
from consent.intake.mail import ParsedMail

SENDERS: Final = (
    "mailer-daemon", "mailer daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "post_master",
    "post-master", "mail delivery", "mail deliver", "mdaemon", "mail administrator", "mail system", "microsoftexchange",
)  # fmt: skip
SUBJECTS: Final = (
    "undeliver", "delivery fail", "delivery status", "delivery notif", "delivery report", "delivery problem",
    "mail delivery", "delivery failure", "failure notice", "failure delivery", "failed delivery", "returned mail",
    "returned to sender", "returning message", "mail failed", "nondeliverable", "non-deliver", "could not be delivered",
    "unable to deliver", "error sending your mail", "mail system error", "message status - undeliver", "unzustellbar",
    # other languages
    "zustellung fehlgeschlagen", "nicht zugestellt", "zustellfehler", "zustellungsfehler", "nicht zustellbar",
    "non remis", "non distribué", "échec de la remise", "échec de remise", "échec de la distribution", "échec d'envoi",
    "no entregado", "no se puede entregar", "no se pudo entregar", "error de entrega", "entrega fallida",
    "mensaje devuelto", "niet bezorg", "niet afgeleverd", "onbestelbaar", "mancato recapito", "mancata consegna",
    "impossibile recapitare", "consegna fallita", "não entregue", "não foi possível entregar", "falha na entrega",
    "falha de entrega", "niedostarcz", "nie dostarczono", "nedoručiteln", "не доставлен", "недоставлен",
    "не удалось доставить", "kunde inte levereras", "olevererbar", "ikke leveres", "ikke levert", "ikke leveret",
    "toimitus epäonnistui", "teslim edilemedi", "iletilemedi", "配信不能", "配信できません", "配送不能",
    "送信できませんでした", "退信", "无法投递", "投递失败", "반송",
)  # fmt: skip
WARNINGS: Final = (
    "delayed", "warning: could not send", "still being retried", "this is a warning message only", "delivery delay",
    "you do not need to resend", "will continue to try", "will be retried", "will keep trying", "(delay)",
    "warning-timeout", "wird verzögert", "verzögerung bei der", "a été retardé", "est retardé", "se ha retrasado",
    "è in ritardo", "ritardo nella consegna", "is vertraagd", "está atrasad", "opóźnion", "задержан", "遅延",
)  # fmt: skip
COPIES: Final = re.compile(
    r"^\W*(?:this is a copy of|below this line is a copy|original message follows|a copy of the message|"
    r"message text follows|"
    r"message headers? follow|the header of the original|your (?:original )?message (?:follows|was|reads)|"
    r"(?:the )?(?:first|body|text|header|beginning)\b.{0,40}(?:message|mail) follow|undelivered message|unsent message|"
    r"original message|the unsent message|returned message|included is a copy|message header)|"
    r"^(?:received|return-path|dkim-signature|x-[a-z-]{1,40}):",
    re.IGNORECASE | re.MULTILINE,
)
ANNOUNCED: Final = re.compile(
    r"(?:following|these|this) (?:\S+ ){0,3}?(?:address|recipient|user)|failed addresses|was not delivered to|"
    r"(?:could|can) ?not (?:be )?deliver|undeliverable to|delivery to .{0,40}failed|permanent (?:fatal )?error|"
    r"did not reach|mailbox is full|unknown user|recipients?:|transcript of session|failure reasons|"
    r"recipients was|以下のメールアドレス|folgende\w* (?:\S+ ){0,2}?(?:adress|empfänger)|"
    r"an (?:den|die|diese) empfänger|nicht (?:an|bei) |(?:destinataires?|adresses?) suivant|ces destinataires|"
    r"siguientes? (?:direcci|destin)|seguenti? (?:destinatari|indirizz)|seguintes? (?:destinat|endereç)|"
    r"volgende (?:\S+ )?(?:ontvanger|adres)|następując\w+ (?:adres|odbiorc)|следующ\w+ (?:адрес|получател)|"
    r"följande (?:mottagare|adress)|følgende (?:modtager|mottaker|adress)|"
    r"n'a pas pu être (?:remis|distribué|livré)|no (?:se )?(?:pudo|ha podido|puede) (?:ser )?entrega|"
    r"收件人|宛先|送信先|"
    r"delivering (?:your|the) (?:mail|message) to",
    re.IGNORECASE,
)
MAIL_FROM: Final = re.compile(rf"(?i:mail from):[ \t]{{0,8}}<?({ADDRESS.pattern})")
PARSED_BYTES: Final = 48_000
PARSED_LINE: Final = re.compile(rb"([^\n]{900})[^\n]+")
BLANK_LINES: Final = re.compile(rb"\n(?:[ \t\r]{0,8}\n){2,}")  # the detectors take very long over thousands of them
NEAR_LINES: Final = 8
RECIPIENTS: Final = 50


def looks_like_failure(mail: ParsedMail) -> bool:
    """Tell whether a program may be reporting a failure: by its sender, its subject or its null return path."""
    return names_failure(mail) or (
        mail.header("return-path").strip() in {"<>", "<mailer-daemon>"} and not _is_answer(mail)
    )


def names_failure(mail: ParsedMail) -> bool:
    """Tell whether the sender or the subject are those of a failure report."""
    subject = mail.subject.casefold()
    # Whoever answers a report has its subject after `Re:`.
    answered = any(subject.startswith(f"{reply} {words}") for reply in ("re:", "aw:", "sv:") for words in SUBJECTS)
    return _is_reporter(mail) or (any(words in subject for words in SUBJECTS) and not answered)


def _is_answer(mail: ParsedMail) -> bool:
    """A responder has a null return path too, and says *no longer works here*; it is no program that delivers mail."""
    return is_responder(mail) or auto_submitted(mail) == "auto-replied"


def _is_reporter(mail: ParsedMail) -> bool:
    sender = mail.from_raw.casefold()
    return (
        any(name in sender for name in SENDERS)
        or "delivery-status" in mail.header("content-type")
        or bool(mail.header("x-failed-recipients"))
    )


def unnamed_bounce(mail: ParsedMail) -> Bounce | None:
    """Give the failure of a report that names no address, `None` where it is a warning, or does not say why."""
    notice = _before_copy(mail.notice[:NOTICE_CHARS])
    if not names_failure(mail) or is_responder(mail) or _is_warning(mail, notice) or not is_decisive(notice):
        return None
    return judged("", "", notice, notice)


def worded_bounces(mail: ParsedMail) -> tuple[Bounce, ...]:
    """Give the failures that a report tells in words, `()` for a warning and for anything else."""
    if not looks_like_failure(mail):
        return ()
    found = embedded_bounces(mail.notice[:NOTICE_CHARS])
    notice = _before_copy(mail.notice[:NOTICE_CHARS])
    if found or _is_warning(mail, notice):
        return found
    soft, failed = (list(dict.fromkeys(one)) for one in _recipients(mail, notice))
    judged = (_judge(recipient, notice, failed) for recipient in failed)
    return unique([*judged, *(Bounce(address, False, "") for address in soft if address not in failed)])


def _is_warning(mail: ParsedMail, notice: str) -> bool:
    said = f"{mail.subject}\n{notice}".casefold()
    return any(words in said for words in WARNINGS)


def _before_copy(notice: str) -> str:
    copy = COPIES.search(notice, len(notice) - len(notice.lstrip()) + 1)
    return notice[: copy.start()] if copy else notice


def _recipients(mail: ParsedMail, notice: str) -> tuple[list[str], list[str]]:
    """Give the addresses that failed for a while and those that failed for good, by the surest source that names
    any.
    """
    named = ADDRESS.findall(mail.headers.get("x-failed-recipients", ""))
    if named:
        return [], named[:RECIPIENTS]
    ours = {address.casefold() for address in mail.to}
    senders = set(MAIL_FROM.findall(notice))
    soft, failed = ([one for one in found if one not in senders] for found in _by_detectors(mail.raw))
    if soft or failed:
        return _likely(soft, notice, ours), _likely(failed, notice, ours)
    return [], _announced(notice, ours)


def _likely(found: list[str], notice: str, ours: set[str]) -> list[str]:
    """The detectors read the returned message too: prefer what the notice names, and what is not our own address."""
    named = [address for address in found if address in notice] or found
    return [address for address in named if address.casefold() not in ours] or named


def _by_detectors(raw: bytes) -> tuple[list[str], list[str]]:
    """Ask flufl.bounce, on a bounded message: it parses by recursion and matches by the line."""
    if b"delivery-status" in raw[:PARSED_BYTES].lower():
        raw = raw.replace(b"message/delivery-status", b"text/plain")
    from flufl.bounce import all_failures  # only here: it takes a while to load

    cut = BLANK_LINES.sub(b"\n\n", PARSED_LINE.sub(rb"\1", raw[:PARSED_BYTES]))
    try:
        soft, failed = all_failures(_message(cut))
    except Exception:  # its detectors trip over broken messages in many ways; our own reading remains
        return [], []
    return _addresses(soft), _addresses(failed)


def _message(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=compat32)


def _addresses(found: Iterable[bytes | str]) -> list[str]:
    texts = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in found]
    matches = (ADDRESS.search(text) for text in sorted(texts)[:RECIPIENTS])
    return [match[0].strip(".") for match in matches if match]


def _announced(notice: str, ours: set[str]) -> list[str]:
    lines = notice.split("\n")
    found: dict[str, None] = {}
    for at, line in enumerate(lines):
        if line.casefold().lstrip().startswith("rcpt to:"):
            found.update(dict.fromkeys(ADDRESS.findall(line)))
        elif ANNOUNCED.search(line):
            near = "\n".join(line for line in lines[at : at + NEAR_LINES] if "mail from" not in line.casefold())
            found.update(dict.fromkeys(ADDRESS.findall(near)))
    return [address.strip(".") for address in found if address.casefold() not in ours][:RECIPIENTS]


def _judge(recipient: str, notice: str, recipients: list[str]) -> Bounce:
    around = notice if len(recipients) == 1 else _section(recipient, notice, recipients)
    return judged(recipient, "", _about(recipient, notice, recipients), around)


def _about(recipient: str, notice: str, recipients: list[str]) -> str:
    """Give what is said of one recipient: in its own line, else in its part of the notice."""
    own = said_of(recipient, notice)
    if is_decisive(own):
        return f"{own}\nafter data" if len(recipients) == 1 and refused_as_a_message(notice) else own
    return _section(recipient, notice, recipients)


def _section(recipient: str, notice: str, recipients: list[str]) -> str:
    """Give the part of a notice that is about one recipient: from where it is named to where the next one is."""
    if len(recipients) < 2 or recipient not in notice:
        return notice
    begin = notice.index(recipient)
    others = (notice.find(other, begin + len(recipient)) for other in recipients if other != recipient)
    ends = [place for place in others if place > 0]
    return notice[begin : min(ends, default=len(notice))]
