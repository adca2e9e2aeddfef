"""Run by itself: builders of one folder at once, and of two folders of one name. Prints what came of it as JSON."""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import django

django.setup()


from django.db import connection  # noqa: E402  (after the set-up)

from consent import db  # noqa: E402
from consent.filter import building, file  # noqa: E402

FOLDER = Path(os.environ["SAYSO_FILTER_DIR"])
PLACE = f"the same:{FOLDER}"
building.LEAST_ROWS = 0


def at_once(step: Callable[[], object], count: int = 3) -> list[object]:
    """What each of several gives who all begin when all are there."""
    ready, results = threading.Barrier(count), list[object]()

    def one() -> None:
        ready.wait()
        results.append(step())
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def is_good(folder: Path) -> bool:
    return building.is_valid(file.read(folder).build)


def rows() -> int:
    [[count]] = db.fetch("SELECT count(*) FROM consent_filter WHERE place = %s", [PLACE])
    return int(count)


def main() -> None:
    one, other = FOLDER / "one", FOLDER / "other"
    built = at_once(lambda: building.keep_current(one, PLACE))
    rounds = [bool(at_once(lambda: building.build(one, PLACE))) and is_good(one) for _ in range(20)]
    after_rounds = rows()
    building.build(other, PLACE)
    both = [is_good(one), is_good(other)]
    # A builder that dies leaves a row, and the next one takes it away.
    write, file.write = file.write, lambda *_: sys.exit("full")
    with contextlib.suppress(SystemExit):
        building.build(one, PLACE)
    file.write = write
    left = [is_good(one), rows()]
    building.build(one, PLACE)
    told = {
        "built": built.count(True),
        "rounds": rounds.count(True),
        "rows": after_rounds,
        "both": both,
        "left": left,
        "at last": [is_good(one), is_good(other), rows()],
    }
    old = f"now() - make_interval(days => {building.KEPT_DAYS - 1})"
    db.fetch(f"UPDATE consent_filter SET built_at = {old}, xid = pg_current_xact_id() WHERE place = %s", [PLACE])
    told["renewed"] = building.keep_current(one, PLACE)
    db.fetch("DELETE FROM consent_filter WHERE place = %s", [PLACE])
    sys.stdout.write(json.dumps(told))


main()
