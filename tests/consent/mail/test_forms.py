"""One letter in the many forms that mail programs give it: encodings, character sets, HTML, attachments, forwards."""

import base64
import quopri

from consent.classify.mail import classify_mail
from consent.intake.mail import parse_mail

HEAD = "From: Klaus <klaus@home.example>\nTo: privacy@acme.example\nMIME-Version: 1.0\n"
LETTER = "Keine Kataloge mehr bitte!\nKlaus Bäumler\nGartenstraße 12\n79098 Freiburg\n"
HOME = ("KLAUS BAUMLER", "DE|79098|12 GARTENSTRASSE|")


def _encoded(charset: str, transfer: str, declared: str = "") -> bytes:
    data = LETTER.encode(charset)
    bodies = {"base64": base64.encodebytes(data), "quoted-printable": quopri.encodestring(data), "8bit": data}
    fields = f"Content-Type: text/plain; charset={declared or charset}\nContent-Transfer-Encoding: {transfer}\n\n"
    return f"Subject: Bitte\n{fields}".encode() + bodies[transfer]


def _html(text: str) -> bytes:
    return f"Subject: Bitte\nContent-Type: text/html; charset=utf-8\n\n{text}".encode()


def _with_attachment(kind: str, name: str) -> bytes:
    return (
        "Subject: Bitte\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{LETTER}\n--b\nContent-Type: {kind}; name={name}\nContent-Disposition: attachment; filename={name}\n"
        "Content-Transfer-Encoding: base64\n\nQkVHSU46VkNBUkQK\n--b--\n"
    ).encode()


def _forwarded() -> bytes:
    quoted = "---------- Forwarded message ---------\nFrom: Acme <news@acme.example>\nSubject: Katalog\n\nHier"
    return f"Subject: Fwd: Katalog\nContent-Type: text/plain; charset=utf-8\n\n{LETTER}\n{quoted}\n".encode()


ROWS = "".join(f"<tr><td>{line}</td></tr>" for line in LETTER.splitlines())
FORMS = {
    "UTF-8, base64": _encoded("utf-8", "base64"),
    "UTF-8, quoted-printable": _encoded("utf-8", "quoted-printable"),
    "Latin 1": _encoded("iso-8859-1", "8bit"),
    "Latin 1, said to be ASCII": _encoded("iso-8859-1", "8bit", "us-ascii"),
    "Windows, said to be Latin 1": _encoded("cp1252", "quoted-printable", "iso-8859-1"),
    "UTF-8, said to be ASCII": _encoded("utf-8", "8bit", "us-ascii"),
    "UTF-8, of an unknown character set": _encoded("utf-8", "8bit", "x-unknown"),
    "UTF-16": _encoded("utf-16", "base64"),
    "breaks": _html(LETTER.replace("\n", "<br>\n")),
    "paragraphs": _html("".join(f"<p>{line}</p>" for line in LETTER.splitlines())),
    "a table": _html(f"<table>{ROWS}</table>"),
    "hard blanks": _html(LETTER.replace(" ", "&nbsp;").replace("\n", "<br/>").replace("ä", "&auml;")),
    "lists": _html("".join(f"<ul><li>{line}</li></ul>" for line in LETTER.splitlines())),
    "a card aside": _with_attachment("text/vcard", "klaus.vcf"),
    "a document aside": _with_attachment("application/pdf", "brief.pdf"),
    "a picture aside": _with_attachment("image/png", "logo.png"),
    "own words above a forward": _forwarded(),
}


def test_each_form_says_the_same() -> None:
    wrong = []
    for name, raw in FORMS.items():
        decision = classify_mail(parse_mail(HEAD.encode() + raw))
        found = [(one.name, one.household) for one in decision.addresses]
        if (decision.email, decision.post, found) != ("none", "suppress", [HOME]):
            wrong.append((name, decision.email, decision.post, decision.row, found))
    assert wrong == []


def test_japanese_subject() -> None:
    subject = "=?iso-2022-jp?B?" + base64.b64encode("配信停止".encode("iso-2022-jp")).decode() + "?="
    raw = f"From: k@home.example\nTo: unsubscribe@acme.example\nSubject: {subject}\n\n"
    assert classify_mail(parse_mail(raw.encode())).email == "suppress"
