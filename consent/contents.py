"""What an inbound says and why we decided so, opened for staff. Reads with the very code of the pipeline; writes
nothing.

Everything here is a person's data: whoever shows it notes who looked, and cuts nothing loose from its escaping.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag

from consent import page_contents, request_contents
from consent.classify.mail_rows import example_of
from consent.classify.pressed import rule_of, words_of
from consent.classify.text import classify_text
from consent.classify.text_rules import KEYWORDS, ROWS
from consent.inbox import Envelope, open_envelope
from consent.intake.mail_notice import MailNotice
from consent.interpret.link import PRESSED
from consent.letter import Reading, read_letter
from consent.lists.disconnected import disconnection_in
from consent.lists.taken import taken_in
from consent.models import Inbound
from consent.moves.move import merge_in, move_in
from consent.outside.naming import versions_of
from consent.statement import Statement
from consent.tokens import BadToken, read_token
from consent.understood import Part, parts_of

Pairs = tuple[tuple[str, str], ...]

TEXT_CHARACTERS = 4_000
RAW_CHARACTERS = 6_000
_VALUE_CHARACTERS = 500
_HEADERS = 40
LIST = "list:"
_WHY_LISTED = (
    ("Row", "list"),
    ("Because", "An outside list names it, or its next version no longer does."),
)
_ERASED = "It was erased. The SHA-256 of it still proves what somebody else kept."
_LOCKED = "It cannot be opened with the keys of this server (SAYSO_ENCRYPTION_KEYS)."
_UNREADABLE = "It cannot be read ({})."


class Contents(msgspec.Struct, frozen=True):
    """An opened inbound. `fields` and `text` are what was said, `why` what the rules make of it today, `raw` the bytes,
    `parts` what was understood of a letter.

    `problem` says why there is nothing to show, or no reading of it. Every text is cut to a bounded length.
    """

    fields: Pairs = ()
    text: str = ""
    why: Pairs = ()
    headers: Pairs = ()
    raw: str = ""
    problem: str = ""
    parts: tuple[Part, ...] = ()


class _Read(msgspec.Struct, frozen=True):
    """What a reader finds."""

    fields: Pairs
    text: str
    why: Pairs
    parts: tuple[Part, ...] = ()


def contents_of(inbound: Inbound) -> Contents:
    """Open an inbound. Never raises for what it holds: what cannot be read is shown as it came."""
    if inbound.sealed_raw is None:
        return Contents(problem=_ERASED)
    try:
        envelope = open_envelope(inbound.sealed_raw)
    except (InvalidTag, KeyError, IndexError, msgspec.DecodeError):
        return Contents(problem=_LOCKED)
    if inbound.source.startswith(LIST):
        return Contents(fields=_fields_of_list(inbound, envelope), why=_WHY_LISTED)
    plain = Contents(headers=_headers(envelope), raw=_cut(envelope.body.decode("utf-8", "replace"), RAW_CHARACTERS))
    reader = _READERS.get(inbound.source) or _READERS.get(inbound.source.partition(":")[0])
    if reader is None:
        return plain
    try:
        read = reader(inbound, envelope)
    except Exception as error:  # this page is where a person looks at what no code could read
        return msgspec.structs.replace(plain, problem=_UNREADABLE.format(type(error).__name__))
    text = _cut(read.text, TEXT_CHARACTERS)
    return msgspec.structs.replace(plain, fields=read.fields, text=text, why=read.why, parts=read.parts)


def _fields_of_list(inbound: Inbound, envelope: Envelope) -> Pairs:
    """Not the rows themselves: they are of many other people too."""
    named = versions_of([inbound.pk]).get(inbound.pk)
    known = (("List", named), ("File", envelope.headers.get("file")), ("Lines", envelope.headers.get("lines")))
    return _pairs((*known, ("No longer on it", "yes" if inbound.outcome == "dropped" else "")))


def _cut(text: str, limit: int) -> str:
    text = text.replace("\0", "␀")
    return text if len(text) <= limit else f"{text[:limit]}… (cut here; {len(text)} characters in all)"


def _pairs(found: Iterable[tuple[str, Any]]) -> Pairs:
    """Those that say something, as text."""
    return tuple(
        (name, _cut(str(value), _VALUE_CHARACTERS)) for name, value in found if value not in (None, "", (), [])
    )


def _headers(envelope: Envelope) -> Pairs:
    return _pairs(list(envelope.headers.items())[:_HEADERS])


def _read_sms(inbound: Inbound, envelope: Envelope) -> _Read:
    message = envelope.message
    if message is None:
        raise ValueError("no message")
    fields = _pairs(
        (
            ("From", message.sender),
            ("To", message.recipient),
            ("Kind", message.kind if message.kind != "message" else ""),
            ("Gateway's event", message.event),
            ("Gateway's own reading", message.verdict),
            ("Said at", message.occurred_at),
            ("Part", f"{message.part} of {message.parts}" if message.parts else ""),
            ("Gateway's id", message.external_id),
        )
    )
    return _Read(fields, message.text, _why_text(message.text, message.verdict, message.reply_to_us))


def _why_text(text: str, verdict: Any, reply_to_us: bool) -> Pairs:
    read = classify_text(text, verdict=verdict, reply_to_us=reply_to_us)
    return _pairs(
        (
            ("Reading", read.intent),
            ("Row", read.row),
            ("The row's words", _words_of_row(read.row)),
            ("Table", read.version),
            ("Reaches", read.scope if read.intent in ("opt_out", "review") else ""),
            ("Language", read.language),
            ("Suggestion", read.suggestion),
            ("Asks besides", ", ".join(f"{part.row} ({part.scope})" for part in read.also)),
        )
    )


def _words_of_row(row_id: str) -> str:
    return _ROW_WORDS.get(row_id, "")


_ROW_WORDS = {row.id: row.pattern for row in ROWS} | {row.id: " | ".join(row.words) for row in KEYWORDS.rows}


def _read_mail(inbound: Inbound, envelope: Envelope) -> _Read:
    reading = read_letter(envelope.body, envelope.headers, inbound.controller_id)
    mail = reading.mail
    sent = {"Envelope from": envelope.headers.get("mail-from"), "Envelope to": envelope.headers.get("rcpt-to")}
    if mail is None:
        return _Read(_pairs(sent.items()), "", _why_mail(reading))
    fields = _pairs(
        (
            ("From", mail.from_raw),
            ("To", ", ".join(mail.to)),
            ("Subject", mail.subject),
            ("Date", mail.date),
            *sent.items(),
            ("Attachments", mail.attachments or ""),
            ("From whom it says", _AUTHENTIC[inbound.authenticity or reading.authenticity]),
            ("Proof", reading.proof or ("dkim (signature)" if inbound.authenticity in ("pass", "fail") else "")),
        )
    )
    return _Read(fields, mail.notice or mail.text, _why_mail(reading), parts_of(reading))


_AUTHENTIC = {
    "pass": "yes, the sender's domain stands by it",
    "fail": "no, the sender's domain does not stand by it. The request counts all the same",
    "none": "nothing proves it. The request counts all the same",
}


def _why_mail(reading: Reading) -> Pairs:
    made = reading.made
    return _pairs(
        (
            ("Row", f"mail.{made.row}"),
            ("Such as", example_of(made.row)),
            ("Tables", made.version),
            ("E-mail", made.email),
            ("Post", made.post),
            ("SMS", made.sms if made.sms != "none" else ""),
            ("Numbers found", ", ".join(made.numbers)),
            ("Tells of a death", "yes" if made.deceased else ""),
            ("Homes found", "; ".join(home.normal for home in reading.homes)),
            ("About the link's address, not the sender's", "yes" if reading.token else ""),
            ("Written by a machine", "yes" if made.automatic else ""),
            ("Bounces", ", ".join(bounce.recipient for bounce in made.bounces)),
            ("Complaints", ", ".join(made.complaints)),
            ("Language", made.language),
            ("Suggestion", made.suggestion),
        )
    )


_MAYBE_NOBODY = (
    "It looks like a scanner, which nobody asked to press. It counts all the same. If the person says otherwise, enter "
    "their yes under “Enter a request”."
)


def _read_link(inbound: Inbound, envelope: Envelope) -> _Read:
    try:
        token = read_token(inbound.endpoint)
    except BadToken:
        return _Read((), "", (("Because", "The token of the link is not one of ours."),))
    undoes, pressed = envelope.headers.get("undoes"), envelope.headers.get(PRESSED, "")
    fields = _pairs(
        (
            ("Said", "took back the click just made" if undoes else "no"),
            ("Pressed by", words_of(pressed)),
            ("Chosen on the page", envelope.headers.get("scope")),
            ("Campaign", token.campaign),
            ("Takes back", undoes),
        )
    )
    why = (
        ("Row", "link.undo" if undoes else rule_of(pressed)),
        ("Because", "The link itself names the address and the topic."),
        ("In doubt", _MAYBE_NOBODY if pressed.startswith("scanner.") else ""),
    )
    return _Read(fields, "", _pairs(why))


def _read_esp(inbound: Inbound, envelope: Envelope) -> _Read:
    event = envelope.mail_event
    if envelope.mail_notice is not None:
        return _read_notice(envelope.mail_notice)
    if event is None:
        raise ValueError("no event")
    fields = _pairs(
        (
            ("Event", event.kind),
            ("Provider's event", event.name),
            ("Recipient", ", ".join(event.recipients)),
            ("Which of them is not said", "yes" if event.unclear else ""),
            ("Reason", event.reason),
            ("At", event.occurred_at),
            ("Provider's id", event.event_id),
        )
    )
    return _Read(fields, event.text, _pairs((("Tells of", event.meaning or "nothing that silences"),)))


def _read_notice(notice: MailNotice) -> _Read:
    fields = _pairs(
        (
            ("From", notice.field("from")),
            ("Subject", notice.field("subject")),
            ("Envelope from", notice.mail_from),
            ("To", ", ".join(notice.recipients)),
            ("Provider's id", notice.id),
            ("Lies in", notice.place),
        )
    )
    because = "The provider only tells of the letter. It is asked for; until it is here, whom the head names is held."
    return _Read(fields, "", (("Row", "notice"), ("Because", because)))


_decode = msgspec.json.Decoder(Statement)


def _read_statement(inbound: Inbound, envelope: Envelope) -> _Read:
    told = _decode.decode(envelope.body)
    plain: Mapping[str, Any] = msgspec.to_builtins(told)
    evidence = told.evidence or {}
    fields = _pairs(
        (name.replace("_", " ").capitalize(), _flat(plain.get(name)))
        for name in (
            "address",
            "action",
            "topic",
            "cause",
            "occurred_at",
            "until",
            "basis",
            "notice",
            "source",
            "person",
            "reason",
        )
    )
    note = evidence.get("note")
    text = note if isinstance(note, str) else json.dumps(evidence, ensure_ascii=False, indent=1) if evidence else ""
    why = (("Row", f"statement.{told.action}"), ("Because", f"{_WHO[inbound.source.partition(':')[0]]} said so."))
    return _Read(fields, text, why)


def _read_taken(inbound: Inbound, envelope: Envelope) -> _Read:
    taken = taken_in(envelope.body)
    said = (("Number", taken.number), ("To", taken.sender), ("Said at", taken.occurred_at), ("Found at", taken.place))
    listed = ((f"Listed: {name}", value) for name, value in taken.row.items())
    gateway = inbound.source.partition(":")[2]
    why = (("Row", "reconcile.listed"), ("Because", f"The own list of {gateway} holds this opt-out, and we lacked it."))
    return _Read(_pairs((*said, *listed)), "", why)


def _read_disconnected(inbound: Inbound, envelope: Envelope) -> _Read:
    told = disconnection_in(envelope.body)
    reach = "every controller" if told.everywhere else "this controller"
    fields = _pairs((("Number", told.number), ("Disconnected on", told.disconnected_on), ("For", reach)))
    because = "What was allowed before that day's end was allowed by a former holder. What was refused stays refused."
    return _Read(fields, "", (("Row", "disconnected.number"), ("Because", because)))


def _read_move(inbound: Inbound, envelope: Envelope) -> _Read:
    told = move_in(envelope.body)
    left = "" if told.new else "the address was left; no new one is known"
    fields = _pairs(
        (
            ("From", _flat(told.old) or "the addresses that the person had"),
            ("To", _flat(told.new) or left),
            ("Name", told.name),
            ("Moved on", told.moved_on),
            ("Who", told.who),
            ("For a while", "yes" if told.temporary else ""),
            ("Person", told.external_id),
        )
    )
    because = "What was refused at the old address is refused at the new one too. Permissions do not move."
    return _Read(fields, "", (("Row", inbound.rule or "move"), ("Because", because)))


def _read_merge(inbound: Inbound, envelope: Envelope) -> _Read:
    told = merge_in(envelope.body)
    fields = _pairs((("Person", told.external_id), ("Is the same as", told.into)))
    because = "What either of two persons who are one refused is refused at the addresses of both."
    return _Read(fields, "", (("Row", "move.merge"), ("Because", because)))


def _opened(read: Callable[[Inbound, Envelope], request_contents.Opened]) -> "Callable[[Inbound, Envelope], _Read]":
    def reader(inbound: Inbound, envelope: Envelope) -> _Read:
        said, why = read(inbound, envelope)
        return _Read(_pairs(said), "", why)

    return reader


def _flat(value: Any) -> Any:
    return ", ".join(f"{name}: {part}" for name, part in value.items() if part) if isinstance(value, dict) else value


_WHO = {"api": "A system, proved by its API key,", "staff": "A member of staff, signed in,"}

_READERS: dict[str, Callable[[Inbound, Envelope], _Read]] = {
    "sms": _read_sms,
    "mail": _read_mail,
    "esp": _read_esp,
    "link": _read_link,
    "api": _read_statement,
    "staff": _read_statement,
    "signup": _opened(request_contents.sign_up),
    "confirm": _opened(request_contents.press),
    "reconsent": _opened(request_contents.answer),
    "reconcile": _read_taken,
    "disconnected": _read_disconnected,
    "move": _read_move,
    "merge": _read_merge,
    "page:code": _opened(page_contents.code),
    "page:rights": _opened(page_contents.claim),
    "staff:rights": _opened(page_contents.claim),
    "api:rights": _opened(page_contents.claim),
    "page": _opened(page_contents.save),
}
