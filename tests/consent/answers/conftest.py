"""What these tests share: an organisation whose account is answered by a call, and the gateway it calls."""

from collections.abc import Iterator

import pytest

from tests.consent.answers.stand_in import StandIn, standing_in
from tests.consent.answers.texting import Desk
from tests.consent.core.example import make_organisation


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as server:
        yield server


@pytest.fixture
def desk(db: None, stand_in: StandIn) -> Desk:
    desk = Desk(make_organisation(), stand_in)
    desk.answer_by("api")
    return desk
