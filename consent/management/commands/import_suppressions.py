"""Import an outside list: a register of people who want no mail or are dead, or a former system's opt-outs."""

import argparse
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import uuid_utils.compat
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, transaction

from consent.lists.importing import speaker_for
from consent.management.base import BaseCommand
from consent.management.lists import day
from consent.management.pace import Pace
from consent.models import BadRow, ListVersion, OutsideList
from consent.models.vocabulary import Channel, VersionState
from consent.outside import working
from consent.outside.ages import age_of
from consent.outside.columns import fields
from consent.outside.finishing import CannotConfirm, confirm
from consent.outside.kinds import kinds
from consent.outside.making import BadList, find_list, make_list
from consent.outside.receiving import Given, Refused, receive

ACTOR = "command:import_suppressions"
_OPEN = (VersionState.RECEIVED, VersionState.IMPORTING, VersionState.DROPPING)
_SHOWN = 20
_LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Imports a file as the next version of an outside list. Each row denies from its commit on; what is cut off "
        "goes on when this is run again, or by itself. The same file again adds nothing. What a whole list no longer "
        "names is lifted, for that list alone, once all of it is imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        known = ", ".join(sorted(kinds(datetime.now(UTC).date())))
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="CSV or plain lines, perhaps gzip")
        parser.add_argument("--list", required=True, metavar="SLUG", help="the list; a new one needs --kind")
        parser.add_argument("--controller", default="", help="whose list it is (default: it denies for everyone)")
        parser.add_argument("--kind", default="", help=f"of a new list: {known}")
        parser.add_argument("--name", default="", help="of a new list, for people")
        parser.add_argument("--channel", action="append", default=[], choices=Channel.values, help="of a new list")
        parser.add_argument("--topic", default="", help="of a new list: one topic of its controller (default: all)")
        parser.add_argument("--region", default="", help="of a new list: country of addresses without one")
        parser.add_argument("--as-of", type=day, metavar="DATE", help="the list's own date (default: today)")
        parser.add_argument(
            "--map", type=_mapping, default={}, metavar="FIELD=COLUMN,…", help=f"columns: {', '.join(fields())}"
        )
        parser.add_argument("--partial", action="store_true", help="it adds, and what it does not name stays")
        parser.add_argument("--confirm-drop", action="store_true", help="let it drop more than a fifth; or let a "
                            "version that waits, without FILE")  # fmt: skip

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        try:
            version = self._version(file, options)
            version = self._work_off(version)
        except DatabaseError as error:
            raise CommandError(
                "The database cannot answer. What was imported counts, and goes on by itself; or run this again."
            ) from error
        self._tell(version)

    def _version(self, file: Path | None, options: dict[str, Any]) -> ListVersion:
        if file is None:
            return _confirmed(_list(options), options["confirm_drop"])
        given = Given(
            file_name=file.name,
            actor=ACTOR,
            as_of=options["as_of"],
            columns=options["map"],
            partial=options["partial"],
            confirmed=options["confirm_drop"],
        )
        try:
            with file.open("rb") as opened, transaction.atomic():  # a file that is refused makes no list
                received = receive(opened, _list(options), given, lease=uuid_utils.compat.uuid4())
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}") from error
        except Refused as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        if received.again:
            self.stdout.write(f"This file is known: it is version {received.version.number}.")
        return received.version

    def _work_off(self, version: ListVersion) -> ListVersion:
        """By ourselves, or, where somebody else is at it, by looking on."""
        pace = Pace(self.stderr, version.rows)
        try:
            while version.state in _OPEN:
                lease = version.lease if version.lease and version.done == 0 else None
                lease = lease or working.claim(version.pk)
                if lease is None:
                    time.sleep(_LOOK_SECONDS)
                else:
                    working.work_on(lease, progress=lambda now: pace.show(now.done, now.done, "rows"))
                version = ListVersion.objects.select_related("outside_list").get(pk=version.pk)
                pace.show(version.done, version.done, "rows")
        finally:
            pace.end()
        return version

    def _tell(self, version: ListVersion) -> None:
        self.stdout.write(
            f"{version}: {version.get_state_display()}. Rows {version.rows:,}: added {version.added:,}, "
            f"kept {version.kept:,}, repeated {version.repeated:,}, bad {version.bad:,}; dropped {version.dropped:,}"
        )
        self._tell_bad(version)
        age = age_of(version.outside_list, date.today())  # noqa: DTZ011  (the operator's own day)
        if age and age.expired:
            self.stderr.write(f"  It is {-age.days_left} days too old: get a new version. It denies all the same.")
        if version.state == VersionState.FAILED:
            raise CommandError(f"Given up after errors ({version.error}): run this again to go on.")
        if version.state == VersionState.WAITING:
            raise CommandError(
                f"It would drop {version.to_drop:,} entries, or has more bad rows than the version before. They deny "
                f"until somebody confirms: --list {version.outside_list.slug} --confirm-drop"
            )

    def _tell_bad(self, version: ListVersion) -> None:
        rows = BadRow.objects.filter(version=version).order_by("id")[:_SHOWN]
        for row in rows:
            self.stderr.write(f"  line {row.line}: {row.field + ': ' if row.field else ''}{row.detail}")
        if version.bad > _SHOWN:
            self.stderr.write("  … and more: see the version in the admin")


def _mapping(written: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in written.split(",") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise argparse.ArgumentTypeError("FIELD=COLUMN, separated by commas")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _list(options: dict[str, Any]) -> OutsideList:
    controller_id = _controller_id(options["controller"])
    found = find_list(controller_id, options["list"])
    if found is not None:
        return found
    if not options["kind"]:
        raise CommandError(f"There is no list {options['list']}. Make it with --kind, and give its first FILE.")
    try:
        return make_list(
            controller_id,
            options["list"],
            options["kind"],
            name=options["name"],
            channels=options["channel"],
            topic=options["topic"],
            region=options["region"],
        )
    except BadList as error:
        raise CommandError(f"There is no such list, and none was made. {error}") from error


def _controller_id(slug: str) -> int | None:
    if not slug:
        return None
    owner = speaker_for(slug)
    if owner is None:
        raise CommandError(f"There is no controller {slug}.")
    return owner.pk


def _confirmed(outside_list: OutsideList, confirmed: bool) -> ListVersion:
    waiting = outside_list.versions.filter(state=VersionState.WAITING).order_by("-number").first()
    if not confirmed:
        raise CommandError("Name the FILE to import.")
    if waiting is None:
        raise CommandError("No version of this list waits for a confirmation.")
    try:
        confirm(waiting, ACTOR)
    except CannotConfirm as error:
        raise CommandError(str(error)) from error
    return ListVersion.objects.select_related("outside_list").get(pk=waiting.pk)
