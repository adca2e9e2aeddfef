"""A topic that is made after somebody stopped everything and took one topic back: it stays stopped for them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent import configuration, pipeline, status
from consent.configuration import Scope
from consent.models import ConsentEvent, Topic, TopicChannel
from consent.models.fields import public_id
from tests.consent.core.example import entry, record
from tests.subscriptions.person import (
    Ann,
    Form,
    assert_ledger_agrees,
    html_of,
    press,
    save,
    stop_by_text,
)

pytestmark = pytest.mark.django_db


def make_topic(ann: Ann, slug: str = "fairs", kind: str = "marketing") -> Topic:
    """A topic that may be sent until it is refused."""
    topic = Topic.objects.create(controller=ann.controller, slug=slug, name="Fairs", topic_class=kind)
    for channel in ("email", "sms", "post"):
        TopicChannel.objects.create(topic=topic, channel=channel, basis="opt_out")
    return topic


def reason(ann: Ann, slug: str = "fairs", channel: str = "email", at: datetime | None = None) -> str:
    configuration.at_version(configuration.current_version())
    asked = [ann.contacts[channel].asked]
    _, [verdict] = status.check_many(ann.controller.pk, slug, channel, asked, at or timezone.now())
    return verdict.reason


def narrow(owner: Client, ann: Ann) -> None:
    """Nothing at all, and then one topic by e-mail."""
    press(owner, ann.path(), "nothing")
    pipeline.drain()
    save(owner, ann.path(), email_offers="on")
    pipeline.drain()


def test_everything_else_stays_stopped_with_what_is_made_later(owner: Client, ann: Ann) -> None:
    narrow(owner, ann)
    topic = make_topic(ann)
    assert (ann.reason("offers"), reason(ann), reason(ann, channel="sms")) == ("opt_out_basis",) + ("opted_out",) * 2
    line, fellow = ConsentEvent.objects.get(topic=topic), ConsentEvent.objects.get(topic=ann.topics["newsletter"])
    assert (line.inbound_id, line.occurred_at, line.digest) == (fellow.inbound_id, fellow.occurred_at, fellow.digest)
    make_topic(ann, "tours", "service")
    assert reason(ann, "tours") == "opt_out_basis"
    save(owner, ann.path(), email_fairs="on")
    pipeline.drain()
    assert (reason(ann), reason(ann, channel="sms")) == ("opt_out_basis", "opted_out")
    assert_ledger_agrees()


def resubscribe(owner: Client, ann: Ann, page: str) -> None:
    ann.tell("email", "opt_in", "*")


def undo(owner: Client, ann: Ann, page: str) -> None:
    """It takes the yes back: the no to everything is what it was."""
    owner.post(ann.path(), Form(page, "undo").sent())
    pipeline.drain()


@pytest.mark.parametrize(("then", "says"), [(resubscribe, "opt_out_basis"), (undo, "opted_out")])
@pytest.mark.parametrize("before", [True, False])
def test_it_goes_with_its_fellows(
    owner: Client, ann: Ann, then: Callable[[Client, Ann, str], None], says: str, before: bool
) -> None:
    ann.tell("email", "opt_out")
    page = save(owner, ann.path(), email_offers="on").content.decode()
    pipeline.drain()
    if before:
        make_topic(ann)
        assert reason(ann) == "opted_out"
    then(owner, ann, page)
    if not before:
        make_topic(ann)
    assert reason(ann) == says
    assert_ledger_agrees()


def test_a_pause_is_kept_for_as_long_as_it_lasts(owner: Client, ann: Ann) -> None:
    press(owner, ann.path(), "pause_all", months="3")
    pipeline.drain()
    save(owner, ann.path(), email_offers="on")
    pipeline.drain()
    make_topic(ann)
    assert reason(ann) == "paused"
    assert reason(ann, at=timezone.now() + timedelta(days=100)) == "opt_out_basis"


def test_a_stop_that_was_narrowed_silences_a_new_service_too_until_a_start(owner: Client, ann: Ann) -> None:
    stop_by_text(ann)
    save(owner, ann.path(), sms_offers="on")
    pipeline.drain()
    make_topic(ann, "tours", "service")
    assert reason(ann, "tours", "sms") == "opted_out"
    stop_by_text(ann, "START")
    assert reason(ann, "tours", "sms") == "opt_out_basis"


def test_who_only_paused_or_refused_one_topic_beside_it_gets_no_more_than_that(owner: Client, ann: Ann) -> None:
    save(owner, ann.path(), email_events="off", email_offers="pause", months="3")
    pipeline.drain()
    make_topic(ann)
    assert reason(ann) == "opt_out_basis"


@pytest.mark.parametrize(
    ("source", "cause", "says"),
    [
        pytest.param("sms:generic", "stop", "opted_out", id="the answer to a menu: the STOP is undone, choices stay"),
        pytest.param("page:link", "choice", "opt_out_basis", id="an undo beside which a browser's signal is saved"),
    ],
)
def test_what_takes_a_no_back_keeps_it_for_the_rest_only_where_it_says_so(
    ann: Ann, source: str, cause: str, says: str
) -> None:
    [key], said = ann.contacts["sms"].said, {"inbound_id": public_id(), "channel": "sms", "source": source}
    wide, sharing = Scope(ann.controller.pk, None), Scope(ann.controller.pk, ann.topics["sharing"].pk)
    record(
        entry(key, wide, "lift", cause, undoes=public_id(), **said),
        entry(key, sharing, "withdraw", "choice", ordinal=1, **said),
    )
    make_topic(ann)
    assert reason(ann, channel="sms") == says


def test_one_that_is_made_between_the_save_and_its_turn_is_kept_too(owner: Client, ann: Ann) -> None:
    ann.tell("email", "opt_out")
    html = html_of(owner, ann.path())
    owner.post(ann.path(), Form(html, "save").sent(**{"w.0.offers": "on"}))
    make_topic(ann)
    pipeline.drain()
    assert (ann.reason("offers"), reason(ann)) == ("opt_out_basis", "opted_out")


def test_one_that_is_made_while_the_pipeline_decides_is_seen_there(
    owner: Client, ann: Ann, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.tell("email", "opt_out")
    html = html_of(owner, ann.path())
    owner.post(ann.path(), Form(html, "save").sent(**{"w.0.offers": "on"}))
    made: list[Topic] = []
    settle = pipeline._settle

    def settle_late(*args: object) -> None:
        if not made:
            made.append(make_topic(ann))
        settle(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "_settle", settle_late)
    pipeline.drain()
    assert reason(ann) == "opted_out"
    assert ann.reason("offers") == "opted_out"  # not decided yet: what was, holds
    monkeypatch.undo()
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    pipeline.drain()
    assert (ann.reason("offers"), reason(ann)) == ("opt_out_basis", "opted_out")
