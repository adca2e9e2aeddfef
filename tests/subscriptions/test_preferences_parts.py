"""Parts of the preference page by themselves: masks, signed forms, pauses; what staff and machines see; failing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from consent.addresses import contact
from consent.choices import Choices, choices_in
from consent.choosing import Chosen, differences
from consent.contents import contents_of
from consent.models import Inbound
from consent.models.mail_run import MailPiece, MailRun
from subscriptions.preferences import shown
from subscriptions.preferences.mask import masked
from subscriptions.preferences.months import months_after
from tests.each import each
from tests.subscriptions.person import Ann, Form, make_ann, press, proved, text_of

NOW = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)


@each(
    ("channel", "address", "mask"),
    [
        ("email", "jane@example.org", "j•••e@e•••e.org"),
        ("email", "jane.doe+news@mail.example.co.uk", "j•••s@m•••o.uk"),
        ("email", "al@abc.de", "a•••@a•••.de"),
        ("email", "j@x.org", "j•••@x•••.org"),
        ("sms", "+15551234567", "••• 67"),
        ("post", {"name": "Jane Doe", "line1": "1 Oak St", "city": "X", "region": "IL", "postal_code": "62701"}, "62"),
        ("post", "1 Oak St, Springfield, IL 62701", "62•••"),
    ],
)
def test_a_mask_reveals_little(channel: str, address: str | dict[str, str], mask: str) -> None:
    hidden = masked(contact(channel, address))
    assert mask in hidden
    assert not re.search(r"(?i)jane|doe|oak|springfield|example|12345|701", hidden)


def test_a_mask_does_not_tell_how_long_it_is() -> None:
    lengths = {len(masked(contact("email", f"a{'b' * number}c@example.org"))) for number in (2, 5, 30)}
    assert len(lengths) == 1


def test_an_unknown_address_has_no_mask() -> None:
    assert masked(None) == ""


@pytest.mark.parametrize(
    ("months", "until"), [(1, "2026-04-03"), (3, "2026-06-03"), (6, "2026-09-03"), (10, "2027-01-03")]
)
def test_a_pause_lasts_whole_months(months: int, until: str) -> None:
    assert months_after(NOW, months).date().isoformat() == until


def test_a_pause_ends_within_a_shorter_month() -> None:
    assert months_after(datetime(2026, 8, 31, tzinfo=UTC), 6).date().isoformat() == "2027-02-28"


@pytest.mark.parametrize("state", ["on", "off", "paused", "turning"])
def test_what_was_not_touched_is_no_difference(state: str) -> None:
    same = {"on": "on", "off": "off", "paused": "pause", "turning": "on"}[state]
    chosen = [Chosen("offers", state, wanted) for wanted in ("on", "off", "pause", "fewer")]
    assert [one.wanted for one in differences(chosen)] == [one.wanted for one in chosen if one.wanted != same]


def test_a_signed_form_reads_as_it_was_shown() -> None:
    states = {b"k" * 16: {"offers": "on", "events": "paused"}, b"l" * 16: {"offers": "off"}}
    was = shown.seen(NOW, "en", ["offers", "events"], states)
    read = shown.read(shown.sign(was, "link"), "link", NOW + timedelta(hours=23))
    assert read.states == {(b"k" * 16).hex(): states[b"k" * 16], (b"l" * 16).hex(): states[b"l" * 16]}
    assert read == was


@each("change", ["link", "age", "text", "cut", "long", "empty"])
def test_a_form_that_is_not_as_signed_is_stale(change: str) -> None:
    field = shown.sign(shown.seen(NOW, "en", ["offers"], {b"k" * 16: {"offers": "on"}}), "link")
    fields = {"text": "A" + field[1:], "cut": field[:-1], "long": field + "A" * 30_000, "empty": ""}
    link = "other" if change == "link" else "link"
    with pytest.raises(shown.StaleShown):
        shown.read(fields.get(change, field), link, NOW + timedelta(hours=25 if change == "age" else 1))


def test_the_form_of_many_topics_and_addresses_stays_small() -> None:
    topics = [f"a-topic-with-a-long-name-{number}" for number in range(60)]
    states = {bytes([number]) * 16: dict.fromkeys(topics, "on") for number in range(5)}
    assert len(shown.sign(shown.seen(NOW, "en", topics, states), "l" * 60)) < 4_096


def test_nobody_can_guess_evidence_from_its_digest() -> None:
    assert choices_in(b'{"act":"nothing","nonce":"00"}').nonce == "00"
    assert Choices("nothing").nonce == ""


# --- machines and staff ---


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_support_for_the_browsers_signal_is_stated(client: Client, method: str) -> None:
    answer = client.generic(method, "/.well-known/gpc.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    if method == "GET":
        assert set(answer.json()) == {"gpc", "lastUpdate"}
        assert answer.json()["gpc"] is True
        assert datetime.fromisoformat(answer.json()["lastUpdate"]).date() <= timezone.now().date()


@pytest.fixture
def ann(db: None) -> Ann:
    return make_ann().meet()


def test_staff_read_what_was_chosen_and_what_was_shown(client: Client, ann: Ann) -> None:
    owner = proved(ann, client)
    wanted: dict[str, Any] = {"w.0.events": "pause", "months": "1"}
    press(owner, ann.path(), "save", **wanted)
    press(Client(), ann.path(), "stop", topic=["offers"])
    by_link, by_owner = Inbound.objects.filter(source__startswith="page:").order_by("-id")
    assert ("offers (email)", "off, where the page showed: offered") in contents_of(by_link).fields
    fields = dict(contents_of(by_owner).fields)
    assert re.fullmatch(r"pause until \d{4}-\d\d-\d\d, where the page showed: on", fields["events (email)"])
    assert "code" in dict(contents_of(by_owner).why)["Because"]


@pytest.mark.parametrize(
    ("who", "button"), [("link", "stop"), ("link", "nothing"), ("owner", "save"), ("owner", "pause_all")]
)
def test_what_cannot_be_stored_is_never_called_done(client: Client, ann: Ann, who: str, button: str) -> None:
    visitor = proved(ann, client) if who == "owner" else client
    form = Form(client.get(ann.path()).content.decode(), button).sent(**{"topic": ["offers"], "w.0.events": "off"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_inbound RENAME TO consent_inbound_is_away")
    response = visitor.post(ann.path(), form)
    assert response.status_code == 503
    assert response["Retry-After"]
    text = text_of(response.content.decode())
    assert "We cannot say that your choice was saved." in text
    assert not re.search(r"Stopped|Saved:|Paused until", text)


def test_a_page_that_cannot_be_read_says_so(client: Client, ann: Ann) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_contactpoint RENAME TO consent_contactpoint_is_away")
    assert client.get(ann.path()).status_code == 503


@pytest.mark.parametrize("page", ["preferences", "owner"])
def test_a_form_of_this_page_that_cannot_be_read_is_no_one_click(client: Client, ann: Ann, page: str) -> None:
    count = Inbound.objects.count()
    many = "&".join([f"page={page}", *(f"w.0.t{number}=on" for number in range(1_500))])
    answer = client.post(ann.path(), many, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "could not be read" in text_of(answer.content.decode())
    assert Inbound.objects.count() == count


def test_letters_that_may_still_arrive_are_told_to_their_owner_alone(client: Client, ann: Ann) -> None:
    today = timezone.now().date()
    run = MailRun.objects.create(
        controller=ann.controller,
        topic=ann.topics["offers"],
        name="Spring catalogue",
        cut_off=timezone.now(),
        drop_on=today - timedelta(days=2),
        arrives_until=today + timedelta(days=9),
        created_at=timezone.now(),
        next_try_at=timezone.now(),
        layout={},
        file_bytes=0,
        file_digest=b"",
        state="ready",
    )
    MailPiece.objects.create(run=run, row=1, line=2, keys=list(ann.contacts["post"].asked), forms=[])
    assert "Spring catalogue" not in client.get(ann.path("post")).content.decode()
    text = text_of(proved(ann, client).get(ann.path()).content.decode())
    until = date_format(run.arrives_until, "DATE_FORMAT")
    assert f"may arrive until {until}" in text
