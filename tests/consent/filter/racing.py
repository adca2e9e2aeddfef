"""Run by itself: writers, builders and somebody who spoils files, beside readers who ask about what was committed.

Prints how many answers were given, how many of them were wrong, and how many asks the filter served. Its rows are
written past the ledger, in transactions that overlap, and are gone at the end.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  (after the set-up)
from django.utils import timezone  # noqa: E402

from consent import db, status  # noqa: E402
from consent.filter import building, candidates, file  # noqa: E402
from consent.models import Controller  # noqa: E402
from consent.normalise.keys import Key  # noqa: E402
from consent.packed import Told, check_packed, tell_packed  # noqa: E402

ANSWERS = int(sys.argv[1])
FOLDER = Path(os.environ["SAYSO_FILTER_DIR"])
ACME = Controller.objects.get(slug="acme").pk
NOBODY = [[Key(os.urandom(16))] for _ in range(2_000)]
_SUPPRESS = """
INSERT INTO consent_suppression (key, controller_id, since, event_id, cause, sender)
SELECT key, %s, now(), gen_random_uuid(), 'choice', '' FROM unnest(%s::uuid[]) AS k (key)
"""
_GRANT = """
INSERT INTO consent_permission (key, controller_id, since, event_id, confirmed, notice_slug)
SELECT key, %s, now(), gen_random_uuid(), false, '' FROM unnest(%s::uuid[]) AS k (key)
"""
_HOLD = """
INSERT INTO consent_hold (inbound_id, key, controller_id, since)
SELECT %s, key, %s, now() FROM unnest(%s::uuid[]) AS k (key)
"""

stop = threading.Event()
denied: list[Key] = []  # committed, each appended after its commit
granted: list[Key] = []
answers = wrong = served = 0
counting = threading.Lock()


def committed(sql: str, keys: list[Key], into: list[Key], *first: object) -> None:
    with transaction.atomic():
        db.fetch(sql, [*first, keys])
        time.sleep(random.choice((0, 0, 0.002, 0.05)))  # others begin and commit meanwhile
    into.extend(keys)


def writes() -> None:
    keys = [Key(os.urandom(16)) for _ in range(random.choice((1, 3, 40)))]
    match random.randrange(5):
        case 0 | 1:
            committed(_SUPPRESS, keys, denied, ACME)
        case 2:
            committed(_GRANT, keys, granted, ACME)
        case 3:
            committed(_HOLD, keys, denied, uuid4(), ACME)
        case 4:
            try:
                committed(_SUPPRESS, [*keys, keys[0]], [], ACME)  # the same twice: rolled back
            except django.db.IntegrityError:
                NOBODY.extend([key] for key in keys[:1])


def builds() -> None:
    building.build(FOLDER, building.place_of(FOLDER))
    time.sleep(0.03)


def spoils() -> None:
    time.sleep(0.1)
    path = FOLDER / file.NAME
    try:
        content = path.read_bytes()
        spoilt = random.choice(
            (
                content[: len(content) // 2],
                b"",
                content[:16] + uuid4().bytes + content[32:],  # of a database that does not know it
                b"sayso filter 0\n" + content[15:],
                content[:-1] + bytes([content[-1] ^ 1]),
            )
        )
        path.with_suffix(".spoilt").write_bytes(spoilt)
        path.with_suffix(".spoilt").rename(path)
        time.sleep(0.02)
        if random.randrange(2):
            path.unlink()
    except FileNotFoundError:
        pass


def asks() -> None:
    global answers, wrong, served
    no, yes = random.sample(denied, min(len(denied), 1_000)), random.sample(granted, min(len(granted), 500))
    no += denied[-20:]
    mixed = [([key], False) for key in no] + [([key], True) for key in yes]
    random.shuffle(mixed)
    groups = [group for group, _ in mixed] + NOBODY
    flat = [group[0] for group in groups]
    way = random.randrange(3)
    used = len(candidates.candidates(flat, with_grants=True)) < len(flat)
    verdicts = asked_of_groups(groups) if way == 0 else asked_packed(flat) if way == 1 else told_packed(flat)
    bad = sum(allowed != wanted for (_, wanted), allowed in zip(mixed, verdicts[: len(mixed)], strict=True)) + sum(
        verdicts[len(mixed) :]
    )
    with counting:
        answers, wrong, served = answers + len(verdicts), wrong + bad, served + used
        if answers >= ANSWERS:
            stop.set()


def asked_of_groups(groups: list[list[Key]]) -> list[bool]:
    _, verdicts = status.check_many(ACME, "newsletter", "email", groups, timezone.now())
    return [verdict.allowed for verdict in verdicts]


def asked_packed(keys: list[Key]) -> list[bool]:
    found = check_packed(ACME, "newsletter", "email", b"".join(keys), timezone.now())
    return [found.others.get(place, found.plain).allowed for place in range(len(keys))]


def told_packed(keys: list[Key]) -> list[bool]:
    found = tell_packed(ACME, "newsletter", "email", b"".join(keys), timezone.now())
    plain = Told(found.plain)
    return [found.others.get(place, plain).verdict.allowed for place in range(len(keys))]


def over_and_over(step: Callable[[], None]) -> None:
    while not stop.is_set():
        step()
    connection.close()


def main() -> None:
    building.build(FOLDER, building.place_of(FOLDER))
    threads = [
        threading.Thread(target=over_and_over, args=(step,)) for step in (writes, writes, writes, builds, spoils)
    ]
    threads += [threading.Thread(target=over_and_over, args=(asks,)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for table in ("suppression", "permission", "hold"):
        db.fetch(f"DELETE FROM consent_{table} WHERE key = ANY(%s)", [[*denied, *granted]])
    db.fetch("DELETE FROM consent_filter WHERE place = %s", [building.place_of(FOLDER)])
    sys.stdout.write(f"{answers} {wrong} {served}")


main()
