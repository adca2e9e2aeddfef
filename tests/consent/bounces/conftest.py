"""acme with a mailbox for bounces."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from consent import mailbox, pipeline
from consent.models import Inbound, Sender
from consent.models.vocabulary import SenderKind
from tests.consent.bounces.reports import BOX
from tests.consent.core.example import Organisation, make_organisation
from tests.consent.core.test_ledger import differences

Arrive = Callable[..., UUID]


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    Sender.objects.create(controller=made.acme, channel="email", kind=SenderKind.BOUNCE, address=BOX)
    return made


@pytest.fixture
def arrive(organisation: Organisation) -> Arrive:
    """Take in a message and work it off, as of a moment."""

    def taken(raw: bytes, to: str = BOX, at: datetime | None = None) -> UUID:
        [accepted] = mailbox.accept_mail(raw, "", [to])
        if at is not None:
            Inbound.objects.filter(pk=accepted.id).update(received_at=at)
        pipeline.drain()
        assert not differences()
        return accepted.id

    return taken
