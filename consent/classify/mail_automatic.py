"""Messages that no person wrote: automatic replies (RFC 3834), reports, lists and newsletters. They never ask for
anything."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from consent.classify.mail_lists import came_through_our_list, is_for_a_list, is_sent_by_list, list_field
from consent.classify.mail_token import local_part
from consent.intake.mail import ParsedMail

SUBJECTS: Final = (
    # what a responder puts before the subject that it answers, or in its place
    "automatic reply", "auto reply", "auto-reply", "autoreply", "autoreply:", "auto:", "auto response", "auto-response",
    "autoresponse", "automated response", "automated reply", "automatic response", "out of office", "out-of-office",
    "out of the office", "ooo:", "away from", "on vacation", "on holiday", "vacation reply", "i am away", "i'm away",
    "abwesenheitsnotiz", "abwesenheit", "automatische antwort", "nicht im büro", "abwesend",
    "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau", "message d'absence",
    "respuesta automática", "respuesta automatica", "fuera de la oficina", "ausente de la oficina",
    "risposta automatica", "fuori ufficio", "fuori sede", "assente", "automatisch antwoord", "afwezigheid",
    "automatische beantwoording", "niet aanwezig", "resposta automática", "resposta automatica",
    "ausência do escritório",
    "fora do escritório", "autosvar", "automatiskt svar", "automatisk svar", "frånvaro", "fraværsbesked", "poissaolo",
    "automaattinen vastaus", "odpowiedź automatyczna", "autoodpowiedź", "otomatik yanıt", "ofis dışında", "автоответ",
    "自動応答", "自动回复",
    # receipts (RFC 8098)
    "read:", "not read:", "gelesen:", "ungelesen:", "lu :", "non lu :", "leído:", "letto:", "gelezen:", "lida:",
)  # fmt: skip

RESPONDER_FIELDS: Final = ("x-autoreply", "x-autorespond", "x-autoresponder")
NO_REPLY: Final = re.compile(
    r"(?:.+[-_.])?(?:no|do[-_.]?not|dont|never)[-_.]?(?:reply|respond)(?:[-_.].+)?|"
    r"(?:nicht[-_]?antworten|keine?[-_]?antwort|ne[-_]?pas[-_]?repondre|no[-_]?responder|nao[-_]?respond\w+|"
    r"non[-_]?rispondere|niet[-_]?beantwoorden)|newsletters?|notifications?"
)
"""Local parts from which no person writes."""
PRECEDENCES: Final = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})


class Sign(NamedTuple):
    row: str
    test: Callable[[ParsedMail], bool]
    example: str


def auto_submitted(mail: ParsedMail) -> str:
    """Give the keyword of Auto-Submitted: `""` and `no` are a person's."""
    return re.split(r"[\s;(]", mail.header("auto-submitted").strip(), maxsplit=1)[0]


def _says_automatic(mail: ParsedMail) -> bool:
    return auto_submitted(mail) not in {"", "no"}


def _has_responder_field(mail: ParsedMail) -> bool:
    return any(mail.header(name) not in {"", "no", "false", "0"} for name in RESPONDER_FIELDS)


def _is_vacation(mail: ParsedMail) -> bool:
    return mail.header("x-apple-action") == "vacation"


def _has_null_return_path(mail: ParsedMail) -> bool:
    return mail.header("return-path").strip() in {"<>", "<mailer-daemon>", "mailer-daemon"}


def _has_automatic_subject(mail: ParsedMail) -> bool:
    subject = mail.subject.casefold().replace("’", "'")
    return subject.startswith(SUBJECTS)


def _is_report(mail: ParsedMail) -> bool:
    return mail.header("content-type").startswith("multipart/report")


def _is_bulk(mail: ParsedMail) -> bool:
    return mail.header("precedence").strip() in PRECEDENCES and not came_through_our_list(mail)


def _is_from_nobody(mail: ParsedMail) -> bool:
    return bool(NO_REPLY.fullmatch(local_part(mail.from_address or "")))


def _is_to_list(mail: ParsedMail) -> bool:
    return is_for_a_list(mail)


def _is_from_list(mail: ParsedMail) -> bool:
    return bool(list_field(mail)) and not came_through_our_list(mail)


def _is_from_list_sender(mail: ParsedMail) -> bool:
    return is_sent_by_list(mail) and not came_through_our_list(mail)


SIGNS: Final = (
    Sign("automatic.auto_submitted", _says_automatic, "Auto-Submitted: auto-replied"),
    Sign("automatic.responder_field", _has_responder_field, "X-Autoreply: yes"),
    Sign("automatic.vacation", _is_vacation, "X-Apple-Action: VACATION"),
    Sign("automatic.report", _is_report, "Content-Type: multipart/report; report-type=disposition-notification"),
    Sign("automatic.subject", _has_automatic_subject, "Subject: Automatic reply: Unsubscribe"),
    Sign("automatic.null_return_path", _has_null_return_path, "Return-Path: <>"),
    Sign("automatic.precedence", _is_bulk, "Precedence: bulk"),
    Sign("automatic.list", _is_from_list, "List-Id: Gardening news <news.garden.example>"),
    Sign("automatic.list_sender", _is_from_list_sender, "Sender: garden-bounces@lists.garden.example"),
    Sign("automatic.no_reply", _is_from_nobody, "From: no-reply@shop.example"),
    Sign("automatic.list_command", _is_to_list, "To: majordomo@lists.garden.example"),
)


def is_responder(mail: ParsedMail) -> bool:
    """Tell whether somebody's responder wrote this, away or gone, and not a program that delivers mail."""
    return _has_responder_field(mail) or _is_vacation(mail) or _has_automatic_subject(mail)


def is_from_program(mail: ParsedMail) -> bool:
    """Tell a responder or a list from a mail program that acts for its user and only says auto-generated, maybe from an
    address that nobody reads.
    """
    return any(sign.test(mail) for sign in SIGNS if sign.test not in (_says_automatic, _is_from_nobody))


def automatic_sign(mail: ParsedMail) -> str | None:
    """Give the row of the first sign that no person wrote this message, `None` where there is none."""
    return next((sign.row for sign in SIGNS if sign.test(mail)), None)
