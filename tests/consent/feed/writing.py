"""Run by itself: writers whose transactions last, overlap and fail, beside a reader of the feed and a filler of holds.

Prints how many changes there were, how many of them the reader missed, and how many it saw twice or out of order.
"""

import os
import random
import sys
import threading
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  (after the set-up)

from consent import changes, ledger  # noqa: E402
from consent.configuration import Scope  # noqa: E402
from consent.models import Controller, LedgerHead  # noqa: E402
from consent.normalise.keys import Key  # noqa: E402
from tests.consent.core.example import entry  # noqa: E402

ROUNDS = int(sys.argv[1])
ACME = Scope(Controller.objects.get(slug="acme").pk, None)
KEYS = [Key(os.urandom(16)) for _ in range(40)]
SAID = (("withdraw", "choice"), ("withdraw", "stop"), ("lift", "stop"), ("grant", ""))

started_at = changes.position()
first = LedgerHead.objects.get().change_seq
working = threading.Semaphore(0)


def writes() -> None:
    for _ in range(ROUNDS):
        entries = [
            entry(random.choice(KEYS), ACME, *random.choice(SAID), ordinal=number)
            for number in range(random.choice((1, 5)))
        ]
        try:
            with transaction.atomic():
                time.sleep(random.choice((0, 0.01)))
                ledger.record(entries)
                time.sleep(random.choice((0, 0, 0.02)))  # others wait for the lock, or read beside it
                if random.randrange(6) == 0:
                    raise InterruptedError  # rolled back: its numbers are given to the next one
        except InterruptedError:
            pass
    connection.close()
    working.release()


def main() -> None:
    threads = [threading.Thread(target=writes) for _ in range(4)]
    for one in threads:
        one.start()
    seen: list[int] = []
    cursor, ended, is_end = started_at, 0, False
    while ended < len(threads) or not is_end:
        ended += working.acquire(blocking=False)
        page = changes.since(cursor, ACME.controller_id or 0, limit=random.choice((1, 7, 1000)))
        seen += [row[0] for row in page.changes]
        cursor, is_end = page.next, page.is_end
    last = LedgerHead.objects.get().change_seq
    wanted = range(first + 1, last + 1)
    sys.stdout.write(
        f"{len(wanted)} {len(set(wanted) - set(seen))} {len(seen) - len(set(seen))} {seen == sorted(seen)}"
    )


main()
