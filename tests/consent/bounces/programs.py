"""Failure reports as mail programs word them, with what they mean; written for these tests after the programs' forms.

Each: program, subject, body after the header, and who failed: `hard`, `soft` (counts), or `ours` (says nothing of the
address).
"""

from typing import NamedTuple

JANE, BOB = "jane@home.example", "bob@far.example"


class Told(NamedTuple):
    program: str
    subject: str
    body: str
    failed: dict[str, str]
    headers: str = ""


def dsn(notice: str, *groups: str, reporter: str = "mx.example") -> tuple[str, str]:
    """The header and body of a report with a delivery status."""
    status = "\n".join([f"Reporting-MTA: dns; {reporter}\n", *groups])
    body = (
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{notice}\n--b\nContent-Type: message/delivery-status\n\n"
        f"{status}\n--b\nContent-Type: message/rfc822\n\nTo: {JANE}\nSubject: Offers\n\nHello.\n--b--\n"
    )
    return body, "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"


def group(recipient: str, action: str, status: str, *more: str) -> str:
    return "\n".join([f"Final-Recipient: {recipient}", f"Action: {action}", f"Status: {status}", *more, ""])


def reported(program: str, failed: dict[str, str], *groups: str, notice: str = "Sorry.", **more: str) -> Told:
    body, headers = dsn(notice, *groups, **more)
    return Told(program, "Undelivered Mail Returned to Sender", body, failed, headers)


WORDED = (
    Told(
        "qmail, several",
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the "
        f"following addresses.\nThis is a permanent error; I've given up.\n\n<{JANE}>:\n192.0.2.1 does not like "
        f"recipient.\nRemote host said: 550 5.1.1 unknown user\nGiving up on 192.0.2.1.\n\n<{BOB}>:\nRemote host said: "
        "552 5.2.2 mailbox is full\n\n--- Below this line is a copy of the message.\n\nTo: list@acme.example\n",
        {JANE: "hard", BOB: "soft"},
    ),
    Told(
        "Exim, unrouteable",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {JANE}\n    Unrouteable address\n\n------ This is a copy of the message, including all the "
        f"headers. ------\n",
        {JANE: "hard"},
    ),
    Told(
        "Exim, sender refused",
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) "
        f"failed:\n\n  {JANE}\n    host mx.home.example [192.0.2.1]\n    SMTP error from remote mail server after MAIL "
        "FROM:<news@acme.example>:\n    550 domain acme.example does not exist\n",
        {JANE: "ours"},
    ),
    Told(
        "Exchange, German",
        "Unzustellbar: Angebote",
        f"Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\n{JANE}\nDie eingegebene "
        "E-Mail-Adresse konnte nicht gefunden werden: der Empfänger wurde nicht gefunden.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, German, full",
        "Unzustellbar: Angebote",
        f"Ihre Nachricht konnte an folgende Empfänger nicht zugestellt werden:\n\n{JANE}\nDas Postfach des Empfängers "
        "ist voll und kann zurzeit keine Nachrichten annehmen.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, French",
        "Non remis : Offres",
        f"Échec de la remise pour ces destinataires ou groupes :\n\n{JANE}\nL'adresse de messagerie entrée est "
        "introuvable.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, Spanish",
        "No se puede entregar: Ofertas",
        f"No se pudo entregar el mensaje a los siguientes destinatarios:\n\n{JANE}\nLa dirección de correo no "
        f"existe.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, Italian",
        "Non recapitabile: impossibile recapitare Offerte",
        f"Recapito non riuscito per i seguenti destinatari:\n\n{JANE}\nLa casella di posta del destinatario è piena.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, Dutch",
        "Onbestelbaar: Aanbiedingen",
        f"Bezorging aan de volgende ontvangers is mislukt:\n\n{JANE}\nHet adres dat u hebt ingevoerd, is niet "
        f"gevonden: "
        "ontvanger onbekend.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, Portuguese",
        "Não foi possível entregar: Ofertas",
        f"Falha na entrega aos seguintes destinatários:\n\n{JANE}\nO endereço de email não foi encontrado.\n",
        {JANE: "soft"},
    ),
    Told(
        "Exchange, Polish",
        "Niedostarczalne: Oferty",
        f"Nie udało się dostarczyć do następujących odbiorców:\n\n{JANE}\nNie znaleziono adresu odbiorcy.\n",
        {JANE: "soft"},
    ),
    Told(
        "Yandex, Russian",
        "Недоставленное сообщение",
        f"Не удалось доставить письмо на следующие адреса:\n\n{JANE}\nТакой пользователь не найден.\n",
        {JANE: "soft"},
    ),
    Told(
        "Japanese",
        "配信不能",
        f"以下のメールアドレスへの送信に失敗しました。\n{JANE}\n宛先のユーザーが存在しません\n",
        {JANE: "soft"},
    ),
    Told(
        "a carrier's filter",
        "Undeliverable",
        "The following recipient failed:\n\n<jane@docomo.ne.jp>\n550 Unknown user jane@docomo.ne.jp\n",
        {"jane@docomo.ne.jp": "soft"},
    ),
    Told(
        "Notes",
        "DELIVERY FAILURE: User jane (jane@home.example) not listed in Domino Directory",
        f"Your message\n\n  Subject: Offers\n\nwas not delivered to:\n\n  {JANE}\n\nbecause:\n\n  User jane ({JANE}) "
        "not listed in Domino Directory\n",
        {JANE: "hard"},
    ),
    Told(
        "sendmail 5",
        "Returned mail: User unknown",
        f"   ----- Transcript of session follows -----\n550 <{JANE}>... User unknown\n\n   ----- Unsent "
        f"message follows "
        "-----\nTo: list@acme.example\n",
        {JANE: "soft"},
    ),
    Told(
        "a delay",
        "Warning: could not send message for past 4 hours",
        f"THIS IS A WARNING MESSAGE ONLY.\n\nThe following address was delayed:\n<{JANE}>... Deferred\n",
        {},
    ),
    Told("a delay, German", "Zustellung", f"Die Zustellung an {JANE} wird verzögert. Empfänger unbekannt.\n", {}),
    Told(
        "somebody who left",
        "Re: Offers",
        f"{JANE} no longer works here. This address is no longer valid, write to {BOB}.\n",
        {},
        headers="Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: Jane <jane@home.example>\n",
    ),
    Told(
        "a challenge",
        "Please confirm your message to Jane",
        f"Your mail to {JANE} is held. The following address must be confirmed: press the link, else it cannot be "
        "delivered.\n",
        {},
        headers="Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: confirm@wall.example\n",
    ),
    Told(
        "a filter after the message",
        "failure notice",
        f"The following address failed:\n{JANE}\n\n---server message\n550 unknown user <{JANE}>\n\n---SMTP "
        f"command\nDATA\n",
        {JANE: "ours"},
    ),
    Told(
        "a person who answers a report",
        "Re: Undelivered Mail Returned to Sender",
        f"The following address failed:\n{JANE}\n550 user unknown\nWhat can I do?\n",
        {},
        headers="From: Pat <pat@far.example>\n",
    ),
    Told(
        "Exchange, German, with its code",
        "Unzustellbar: Angebote",
        f"Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\n{JANE}\nDer Empfänger wurde "
        "nicht gefunden. #550 5.1.10 RESOLVER.ADR.RecipientNotFound\n",
        {JANE: "hard"},
    ),
    Told(
        "sendmail 5, asked at RCPT",
        "Returned mail: User unknown",
        f"   ----- Transcript of session follows -----\n>>> RCPT To:<{JANE}>\n<<< 550 <{JANE}>... User unknown\n\n"
        "   ----- Unsent message follows -----\nTo: list@acme.example\n",
        {JANE: "hard"},
    ),
    Told(
        "a filter that passes words on",
        "FAILURE NOTICE : Offers",
        f"  ----- The following addresses had permanent fatal errors -----\n\n>>> {JANE}\n\n  ----- Transcript of "
        f"session follows -----\n550 <{JANE}>: Recipient address rejected: Unknown user in local table\n",
        {JANE: "soft"},
    ),
    Told(
        "a webmail that knows no account",
        "Delivery failure",
        f"Unable to deliver message to the following address(es).\n\n<{JANE}>:\nThe user does not have a home.example "
        f"account [7]\n\n<{BOB}>:\nThis account is discontinued.\n",
        {JANE: "soft", BOB: "soft"},
    ),
    Told(
        "a hosted mailbox, code without detail",
        "Undelivered Mail Returned to Sender",
        f"This is a permanent error.\n\n{JANE} Invalid Address, CODE: 550, Requested action not taken: mailbox "
        f"unavailable\n",
        {JANE: "soft"},
    ),
    Told(
        "a mail server of old, each with its answer",
        "Undeliverable Mail",
        f"Unknown user: {JANE}\n\nRCPT TO was answered:\n553 5.3.0 <{JANE}>... Addressee unknown\n\nUnknown user: "
        f"{BOB}\n\nDATA was answered:\n553 5.3.0 <{BOB}>... Addressee unknown\n",
        {JANE: "hard", BOB: "soft"},
    ),
    Told(
        "qmail, the host is named",
        "failure notice",
        f"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{JANE}>:\nSorry, I couldn't "
        "find any host named home.example: the domain does not exist.\n",
        {JANE: "hard"},
    ),
)

REPORTED = (
    reported("two, one of them delayed", {JANE: "hard"}, group(f"rfc822; {JANE}", "failed", "5.1.1"),
             group(f"rfc822; {BOB}", "delayed", "4.4.1")),
    reported("xtext", {"jane+news@home.example": "hard"}, group("rfc822; j1@relay.example", "failed", "5.1.1",
             "Original-Recipient: rfc822;jane+2Bnews@home.example")),
    reported("a tag that is no xtext", {"jane+42@home.example": "hard"}, group("rfc822; jane+42@home.example", "failed",
             "5.1.1")),
    reported("SMTPUTF8", {"jané@höme.example": "hard"}, group(r"utf-8; jan\x{E9}@höme.example", "failed", "5.1.1")),
    reported("angle brackets", {JANE: "hard"}, group(f"RFC822;<{JANE}>", "FAILED", "5.1.1 (bad mailbox)")),
    reported("a name alone", {JANE: "hard"}, group("rfc822; jane", "failed", "5.1.1")),
    reported("a path", {JANE: "soft"}, group("rfc822;/mail/spool/jane", "failed", "5.2.2")),
    reported("no Action", {JANE: "hard"}, f"Final-Recipient: rfc822; {JANE}\nStatus: 5.1.1\n"),
    reported("expired", {JANE: "soft"}, group(f"rfc822; {JANE}", "expired", "4.4.7")),
    reported("failed, though of class 4", {JANE: "soft"}, group(f"rfc822; {JANE}", "failed", "4.0.0",
             "Diagnostic-Code: smtp; 451 connection timed out")),
    reported("refused after the message", {JANE: "ours"}, group(f"rfc822; {JANE}", "failed", "5.0.0",
             "Diagnostic-Code: smtp; 550 Unknown user"),
             notice=f"<{JANE}>: host mx.example said: 550\n    Unknown user (in reply to end of DATA command)"),
    reported("a disabled mailbox", {JANE: "soft"}, group(f"rfc822; {JANE}", "failed", "5.2.1")),
    reported("a system's fault", {JANE: "ours"}, group(f"rfc822; {JANE}", "failed", "5.3.0",
             "Diagnostic-Code: smtp; 554 internal error")),
    reported("policy behind 5.1.1", {JANE: "ours"}, group(f"rfc822; {JANE}", "failed", "5.1.1",
             "Diagnostic-Code: smtp; 550 5.7.1 refused by policy")),
    reported("a full disk behind user unknown", {JANE: "soft"}, group(f"rfc822; {JANE}", "failed", "5.1.1",
             f"Diagnostic-Code: smtp; 550 5.1.1 <{JANE}>... User unknown"),
             notice="Your message to <jane> was rejected: not enough disk space"),
    reported("a gateway's words", {JANE: "soft"}, group(f"rfc822; {JANE}", "failed", "5.0.0",
             f"Diagnostic-Code: smtp; 550 {JANE}... No such user"),
             notice=f"Failed to send to identified host,\n{JANE}: [192.0.2.5], 550 {JANE}... No such user"),
    reported("a gateway's words, two", {JANE: "soft", BOB: "soft"},
             group(f"rfc822; {JANE}", "failed", "5.0.0", "Diagnostic-Code: smtp; 550 'jane' is not a registered user"),
             group(f"rfc822; {BOB}", "failed", "5.0.0", "Diagnostic-Code: smtp; 550 user unknown")),
    reported("an owner's rule", {JANE: "soft"}, group(f"rfc822; {JANE}", "failed", "5.1.1",
             "Diagnostic-Code: smtp; 550 5.1.1 Mailbox does not exist"),
             reporter="inbound-smtp.eu-west-1.amazonaws.com"),
    reported("a loop", {JANE: "ours"}, group(f"rfc822; {JANE}", "failed", "5.1.1"),
             notice=f"554 {JANE}... forwarding loop broken\n550 {JANE}... User unknown"),
    reported("words in the transcript", {JANE: "hard"}, group(f"rfc822; {JANE}", "failed", "5.5.0"),
             notice=f"   --- Transcript of session follows ---\nmail.local: unknown user: jane\n554 <{JANE}>... no"),
)  # fmt: skip


def raw(told: Told) -> bytes:
    sender = "" if "From:" in told.headers else "From: Mail Delivery System <MAILER-DAEMON@mx.example>\n"
    head = f"{sender}To: bounces@acme.example\nSubject: {told.subject}\nMIME-Version: 1.0\n{told.headers}"
    kind = "" if "Content-Type" in told.headers else "Content-Type: text/plain; charset=utf-8\n"
    return f"{head}{kind}\n{told.body}".encode()
