"""May we send? Every reason, and what beats what."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from consent import configuration, db, status
from consent.configuration import Scope
from consent.models import Controller, Notice, Topic, TopicChannel
from consent.models.fields import public_id
from consent.normalise.keys import Key
from tests.consent.core.example import Organisation, ago, ask, entry, key_of, record

pytestmark = pytest.mark.django_db

KEY = key_of("email", "ann.lee@example.com")
OTHER = key_of("email", "bo.chen@example.com")

Word = tuple[str, str, str, dict[str, Any]]  # scope, action, cause, more
PAST, AHEAD = ago(minutes=5), timezone.now() + timedelta(days=3)
YES: Word = ("newsletter", "grant", "", {})


def no(cause: str, scope: str = "acme", **more: Any) -> Word:
    action = {"complaint": "object", "listed": "object", "stop": "withdraw", "choice": "withdraw", "paused": "withdraw"}
    return (scope, action.get(cause, "invalidate"), cause, more)


CASES: list[tuple[str, str, list[Word], bool]] = [
    # reason, topic, words, allowed
    ("granted", "newsletter", [YES], True),
    ("granted", "newsletter", [("acme", "grant", "", {})], True),
    ("granted", "double", [("double", "grant", "", {"basis": "confirmed_opt_in"})], True),
    ("granted", "double", [("double", "grant", "", {}), ("double", "confirm", "", {})], True),
    ("granted", "newsletter", [("newsletter", "grant", "", {"expires_at": AHEAD})], True),
    ("granted", "data-sharing", [("data-sharing", "grant", "", {})], True),
    ("granted", "newsletter", [no("choice", "offers"), YES], True),
    ("opt_out_basis", "offers", [], True),
    ("opt_out_basis", "offers", [no("choice", "events")], True),
    ("opt_out_basis", "offers", [no("choice", "globex"), no("deceased", "globex")], True),
    ("opt_out_basis", "offers", [no("paused", expires_at=PAST)], True),
    ("service", "service", [], True),
    ("service", "service", [no("choice"), no("complaint"), no("minor"), no("listed"), no("paused")], True),
    ("service", "service", [no("choice", "everything")], True),
    ("opted_out", "offers", [no("choice")], False),
    ("opted_out", "offers", [no("choice", "offers")], False),
    ("opted_out", "offers", [no("choice", "everything")], False),
    ("opted_out", "service", [no("stop")], False),
    ("opted_out", "data-sharing", [("data-sharing", "grant", "", {"occurred_at": PAST}), no("choice")], False),
    ("no_consent", "newsletter", [], False),
    ("no_consent", "newsletter", [("offers", "grant", "", {})], False),
    ("no_consent", "newsletter", [("globex", "grant", "", {})], False),
    (
        "no_consent",
        "newsletter",
        [("newsletter", "grant", "", {"occurred_at": PAST}), ("acme", "expire", "", {"occurred_at": PAST})],
        False,
    ),
    ("no_consent", "data-sharing", [("acme", "grant", "", {})], False),
    ("unconfirmed", "double", [("double", "grant", "", {"basis": "opt_in"})], False),
    ("unconfirmed", "double", [("double", "confirm", "", {}), ("double", "grant", "", {"occurred_at": PAST})], False),
    ("expired", "newsletter", [("newsletter", "grant", "", {"expires_at": PAST})], False),
    ("hard_bounce", "offers", [no("hard_bounce")], False),
    ("hard_bounce", "service", [no("hard_bounce")], False),
    ("complaint", "offers", [no("complaint")], False),
    ("deceased", "service", [no("deceased")], False),
    ("minor", "offers", [no("minor")], False),
    ("listed", "offers", [no("listed")], False),
    ("paused", "offers", [no("paused")], False),
    ("paused", "offers", [no("paused", expires_at=AHEAD)], False),
]


@pytest.mark.parametrize(("reason", "topic", "words", "allowed"), CASES)
def test_each_reason(organisation: Organisation, reason: str, topic: str, words: Sequence[Word], allowed: bool) -> None:
    for scope, action, cause, more in words:
        record(entry(KEY, organisation.scope(scope), action, cause, **more))
    verdict = ask(organisation, topic, [KEY])
    assert (verdict.allowed, verdict.reason) == (allowed, reason)
    assert ask(organisation, topic, [OTHER]).reason in ("opt_out_basis", "no_consent", "service")


def hold(key: Key, scope: Scope) -> None:
    sql = "INSERT INTO consent_hold (inbound_id, key, controller_id, topic_id, since) VALUES (%s, %s, %s, %s, now())"
    db.fetch(sql, [public_id(), key, *scope])


@pytest.mark.parametrize(
    ("channel", "topic", "scope", "reason"),
    [
        ("email", "offers", "acme", "held"),
        ("email", "offers", "offers", "held"),
        ("email", "offers", "everything", "held"),
        ("email", "offers", "events", "opt_out_basis"),
        ("email", "offers", "globex", "opt_out_basis"),
        ("email", "data-sharing", "acme", "held"),
        ("email", "service", "acme", "service"),
        ("post", "service", "acme", "service"),
        ("sms", "service", "acme", "held"),
    ],
)
def test_what_is_not_yet_read_denies_what_it_may_be_about(
    organisation: Organisation, channel: str, topic: str, scope: str, reason: str
) -> None:
    hold(KEY, organisation.scope(scope))
    assert ask(organisation, topic, [KEY], channel).reason == reason


@pytest.mark.parametrize(
    ("topic_of_notice", "seen", "reason"),
    [
        (None, 1, "reconsent_needed"),
        (None, 2, "granted"),
        ("newsletter", 1, "reconsent_needed"),
        ("offers", 1, "granted"),
    ],
)
def test_a_material_change_of_the_wording_asks_anew(
    organisation: Organisation, topic_of_notice: str | None, seen: int, reason: str
) -> None:
    topic = organisation.topics[topic_of_notice] if topic_of_notice else None
    notices = [
        Notice.objects.create(
            controller=organisation.acme,
            topic=topic,
            slug="form",
            version=version,
            language="en",
            text="…",
            published_at=timezone.now(),
            material=version == 2,
        )
        for version in (1, 2, 3)
    ]
    notice = notices[seen - 1]
    record(entry(KEY, organisation.scope("newsletter"), "grant", notice=(notice.pk, notice.slug, notice.version)))
    assert ask(organisation, "newsletter", [KEY]).reason == reason


def test_the_widest_denial_comes_first_and_the_others_beside_it(organisation: Organisation) -> None:
    words = [("offers", "choice"), ("acme", "hard_bounce"), ("everything", "stop"), ("acme", "choice")]
    for number, (scope, cause) in enumerate(words):
        record(entry(KEY, organisation.scope(scope), "withdraw", cause, occurred_at=ago(hours=9 - number)))
    hold(KEY, organisation.scope("acme"))
    verdict = ask(organisation, "offers", [KEY])
    assert (verdict.reason, verdict.scope) == ("opted_out", configuration.EVERYTHING)
    assert verdict.also == ("hard_bounce", "held")


def test_of_denials_equally_wide_the_first_stays_the_reason(organisation: Organisation) -> None:
    said = ago(days=2)
    [first] = record(entry(KEY, organisation.scope("acme"), "object", "complaint", occurred_at=said))
    record(entry(KEY, organisation.scope("acme"), "invalidate", "hard_bounce"))
    verdict = ask(organisation, "offers", [KEY])
    assert (verdict.reason, verdict.since, verdict.evidence, verdict.also) == (
        "complaint",
        said,
        first,
        ("hard_bounce",),
    )


def test_any_of_an_addresses_keys_denies(organisation: Organisation) -> None:
    record(entry(OTHER, organisation.scope("acme"), "withdraw", "choice"))
    assert ask(organisation, "offers", [KEY, OTHER]).reason == "opted_out"


def test_a_check_of_many_keeps_their_order(organisation: Organisation) -> None:
    record(entry(KEY, organisation.scope("acme"), "withdraw", "choice"))
    groups = [[OTHER], [KEY], [OTHER], [KEY, OTHER], []]
    _, verdicts = status.check_many(organisation.acme.pk, "offers", "email", groups, timezone.now())
    assert [verdict.allowed for verdict in verdicts] == [True, False, True, False, True]


def test_as_of_a_past_moment(organisation: Organisation) -> None:
    record(entry(KEY, organisation.scope("newsletter"), "grant", occurred_at=ago(days=9)))
    record(entry(KEY, organisation.scope("newsletter"), "withdraw", "choice", occurred_at=ago(days=5)))
    record(entry(KEY, organisation.scope("newsletter"), "grant", occurred_at=ago(days=1)))
    for days, reason in ((10, "no_consent"), (7, "granted"), (3, "opted_out"), (0, "granted")):
        _, verdict = status.check_at(organisation.acme.pk, "newsletter", "email", [KEY], ago(days=days))
        assert verdict.reason == reason


def test_what_is_unknown_is_an_error(organisation: Organisation) -> None:
    TopicChannel.objects.filter(topic=organisation.topics["newsletter"], channel="sms").delete()
    with pytest.raises(status.UnknownTopic):
        ask(organisation, "nothing", [KEY])
    with pytest.raises(status.NotCarried):
        ask(organisation, "newsletter", [KEY], "sms")
    with pytest.raises(status.NotCarried):
        ask(organisation, "newsletter", [KEY], "fax")
    with pytest.raises(status.UnknownTopic):
        status.check_many(organisation.globex.pk, "newsletter", "email", [[KEY]], timezone.now())


def test_a_changed_basis_is_seen_by_the_very_next_check(organisation: Organisation) -> None:
    assert ask(organisation, "offers", [KEY]).allowed
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consent_topicchannel SET basis = 'opt_in' WHERE topic_id = %s", [organisation.topics["offers"].pk]
        )
    assert ask(organisation, "offers", [KEY]).reason == "no_consent"


def test_a_new_topic_is_seen_by_the_very_next_check(organisation: Organisation) -> None:
    ask(organisation, "offers", [KEY])
    topic = Topic.objects.create(controller=organisation.acme, slug="new", name="New", topic_class="marketing")
    with pytest.raises(status.NotCarried):
        ask(organisation, "new", [KEY])
    TopicChannel.objects.create(topic=topic, channel="email", basis="opt_out")
    assert ask(organisation, "new", [KEY]).allowed
    topic.delete()
    with pytest.raises(status.UnknownTopic):
        ask(organisation, "new", [KEY])


def test_a_topic_of_a_new_controller_is_seen_at_once(organisation: Organisation) -> None:
    ask(organisation, "offers", [KEY])
    owner = Controller.objects.create(slug="initech", name="Initech", kind="client")
    topic = Topic.objects.create(controller=owner, slug="offers", name="Offers", topic_class="marketing")
    TopicChannel.objects.create(topic=topic, channel="email", basis="opt_out")
    snapshot, [verdict] = status.check_many(owner.pk, "offers", "email", [[KEY]], timezone.now())
    assert verdict.allowed
    assert snapshot.controllers[owner.pk] == "initech"


def test_without_its_configuration_row_nothing_is_allowed(organisation: Organisation) -> None:
    ask(organisation, "offers", [KEY])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_configuration")
    with pytest.raises(RuntimeError):
        ask(organisation, "offers", [KEY])
