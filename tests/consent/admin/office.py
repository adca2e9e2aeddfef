"""Staff, and what lands on their desks: messages through the real inbox, worked off by the real pipeline."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission, User
from django.test import Client

from consent import inbox, pipeline
from consent.addresses import contact
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Message
from consent.mailbox import accept_mail
from consent.models import Controller, Inbound, Review
from consent.models.vocabulary import InboundState

NUMBER = "+15555550142"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }}"
IN_DOUBT = "if you text me again I will report you"


def acme() -> Controller:
    return Controller.objects.get(slug="acme")


def staff(*permissions: str) -> Client:
    """A browser of somebody with just these permissions, such as `consent.view_inbound`."""
    user = User.objects.create_user(f"staff{User.objects.count()}", is_staff=True)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(body: str, number: str = NUMBER, *, work: bool = True) -> Inbound:
    """A text message to acme."""
    message = Message("message", number, "+15550100001", body, f"id{Inbound.objects.count()}")
    holds = [(key, Scope(acme().pk, None)) for key in contact("sms", number).said]
    arrival = Arrival(acme().pk, "sms:generic", "sms", Envelope(body=body.encode(), message=message), holds, "acme")
    return _kept(inbox.accept(arrival).id, work)


def mail(subject: str, body: str, sender: str = "Jane Roe <jane.roe@example.com>", *, work: bool = True) -> Inbound:
    """A message to acme's privacy mailbox."""
    number = Inbound.objects.count()
    raw = f"From: {sender}\r\nTo: privacy@acme.example\r\nSubject: {subject}\r\nMessage-ID: <{number}@x>\r\n\r\n{body}"
    [accepted] = accept_mail(raw.encode(), "bounce@example.com", ["privacy@acme.example"])
    return _kept(accepted.id, work)


def _kept(inbound_id: UUID, work: bool) -> Inbound:
    if work:
        pipeline.drain()
    return Inbound.objects.get(pk=inbound_id)


def set_aside() -> Inbound:
    """A message that failed again and again."""
    inbound = text("STOP", work=False)
    Inbound.objects.filter(pk=inbound.pk).update(state=InboundState.SET_ASIDE, attempts=6, error="ValueError")
    return Inbound.objects.get(pk=inbound.pk)


def review(body: str = IN_DOUBT, **more: Any) -> Review:
    """A text that waits for a decision."""
    return Review.objects.get(inbound=text(body, **more))


def page(client: Client, path: str, status: int = 200, /, **query: str) -> str:
    """The page at a path below /admin/."""
    response = client.get(f"/admin/{path}", query)
    assert response.status_code == status, response.content[:500]
    return str(response.content.decode())


def post(client: Client, path: str, status: int = 200, /, **fields: Any) -> str:
    """The answer to a form sent to a path below /admin/."""
    response = client.post(f"/admin/{path}", fields)
    assert response.status_code == status, response.content[:500]
    return str(response.content.decode())
