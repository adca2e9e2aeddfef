"""A short way through the pages of proof: an organisation, a browser, and what was sent to people."""

import re
from email.message import EmailMessage
from typing import Any

from django.core import mail
from django.test import Client

from consent import outbox, pipeline
from consent.addresses import contact
from consent.models import Controller
from consent.stated import accept_statement
from consent.statement import Statement
from consent.tokens import Token, make_token
from tests.consent.acknowledging.writing import read
from tests.consent.core.example import Organisation, make_organisation

JANE = "jane@home.example"
STRANGER = "nobody@else.example"


def make_site() -> Organisation:
    """The organisation, in which Jane is known."""
    mail.outbox.clear()
    organisation = make_organisation()
    Controller.objects.filter(pk=organisation.acme.pk).update(name="Acme Hosting")
    return organisation


def link_of(organisation: Organisation, address: str = JANE, topic: str = "", channel: str = "email") -> str:
    """The token of a link to an address."""
    scope = organisation.scope(topic or "acme")
    return make_token(Token(channel, scope, contact(channel, address).said[0]))


def make_known(
    organisation: Organisation, address: str = JANE, channel: str = "email", topic: str = "newsletter"
) -> None:
    """Let acme know an address: it said yes to something once, over the API."""
    told = Statement(channel=channel, address=address, action="opt_in", topic=topic)  # type: ignore[arg-type]
    accept_statement(told, organisation.acme.pk, source="api", actor="crm")
    pipeline.drain()


def work() -> list[EmailMessage]:
    """Let the pipeline and the outbox work; give the mail that went out."""
    mail.outbox.clear()
    pipeline.drain()
    outbox.drain()
    return [read(message) for message in mail.outbox]


def code_in(text: str) -> str:
    """The code that a message brings."""
    [code] = re.findall(r"(?<![\w#])(\d{6})(?!\w)", text)
    return str(code)


def sent_code() -> str:
    """The code of the one message that now goes out."""
    [message] = work()
    return code_in(str(message.get_content()))


def ask(client: Client, address: str = JANE, **more: Any) -> Any:
    """Ask for a code at /preferences/."""
    return client.post("/preferences/", {"address": address, **more})


def enter(client: Client, code: str, **more: Any) -> Any:
    """Enter a code on the page where the browser was led."""
    page = client.get("/preferences/code").content.decode()
    [signed] = re.findall(r'name="request" value="([^"]+)"', page)
    return client.post("/preferences/code", {"request": signed, "code": code, **more})


def sign_in(client: Client, address: str = JANE, **more: Any) -> str:
    """Go all the way; return the token of the link at which the visitor is now proved."""
    ask(client, address, **more)
    answer = enter(client, sent_code(), **more)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"]).split("/")[2]


def bare(page: str) -> str:
    """A page without what is random in it."""
    return re.sub(r'(name="request" value=")[^"]+', r"\1", page)


def post(client: Client, link: str, page: str, **fields: str) -> Any:
    """Send the form of a page of a proved visitor's; to another one's it is sent without what the page would hold."""
    shown = client.get(f"/preferences/{link}/{page}")
    found = re.search(r'name="form" value="(\w+)"', shown.content.decode())
    return client.post(f"/preferences/{link}/{page}", {"form": found[1], **fields} if found else fields)
