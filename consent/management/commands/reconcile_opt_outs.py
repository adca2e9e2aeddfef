"""Take in the opt-outs that a gateway holds and we lack."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from consent import configuration
from consent.configuration import AccountEntry, Snapshot
from consent.credentials import credentials_of
from consent.intake.contract import Account
from consent.intake.registry import PROVIDERS
from consent.lists.aws import read_aws
from consent.lists.listed import Rows
from consent.lists.opt_outs_csv import read_csv
from consent.lists.reconciling import Outcome, ours_alone, reconcile
from consent.lists.twilio import read_twilio
from consent.management.base import BaseCommand
from consent.management.lists import day, tell_unreadable
from consent.management.progress import Progress
from consent.models import ProviderAccount
from consent.normalise.keys import Key

ALIASES = {"aws": "sns"}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Compares a gateway's own opt-out list with ours and takes in what we lack: Twilio and AWS over their APIs, "
        "every gateway by a CSV that was exported there. Nothing of ours is lifted. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=sorted({*PROVIDERS, *ALIASES}))
        parser.add_argument("--endpoint", default="", help="one account (default: all accounts of the gateway)")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="read this file instead of the gateway's API")
        parser.add_argument("--column", default="", help="the column of the persons' numbers, by its header")
        parser.add_argument("--since", type=day, metavar="DATE", help="only opt-outs since that day (UTC)")
        parser.add_argument("--dry-run", action="store_true", help="compare and write nothing")

    def handle(self, *args: Any, provider: str, endpoint: str, **options: Any) -> None:
        provider, snapshot = ALIASES.get(provider, provider), configuration.current()
        entries = self._accounts(snapshot, provider, endpoint, options["csv"])
        outcomes = [self._reconcile(entry, snapshot, options) for entry in entries]
        self._tell_ours(provider, entries, outcomes, options["since"])
        broken = [outcome for outcome in outcomes if outcome.incomplete]
        if broken:
            raise CommandError("A list was not read completely. What was read is taken in; run this again.")

    def _accounts(self, snapshot: Snapshot, provider: str, endpoint: str, file: Path | None) -> list[AccountEntry]:
        found = [
            entry
            for (gateway, name), entry in sorted(snapshot.accounts.items())
            if gateway == provider and endpoint in ("", name)
        ]
        if not found:
            raise CommandError(f"There is no account {provider}/{endpoint or '*'}. Add it in the admin.")
        if file is None and provider not in _READERS:
            raise CommandError(f"{provider} is read from a file: export its opt-outs there, and give --csv FILE.")
        if file is not None and len(found) > 1:
            names = ", ".join(entry.account.endpoint for entry in found)
            raise CommandError(f"Whose opt-outs are these? Name the account with --endpoint: {names}.")
        return found

    def _reconcile(self, entry: AccountEntry, snapshot: Snapshot, options: Mapping[str, Any]) -> Outcome:
        account, since = entry.account, options["since"]
        rows, bar = _rows(entry, options, timezone.now()), Progress(self.stderr)
        try:
            outcome = reconcile(
                _since(rows, since) if since else rows,
                entry,
                snapshot,
                dry_run=options["dry_run"],
                progress=lambda so_far: bar.show(0, f"{so_far.listed:,} read, {so_far.taken:,} we lacked"),
            )
        except DatabaseError as error:
            raise CommandError("The database cannot answer. What was taken in is kept; run this again.") from error
        finally:
            bar.end()
        self._tell(f"{account.provider}/{account.endpoint}", outcome, options["dry_run"])
        return outcome

    def _tell(self, name: str, outcome: Outcome, dry_run: bool) -> None:
        taken = "we lack" if dry_run else "taken in"
        self.stdout.write(
            f"{name}: on the gateway's list {outcome.listed:,}, known to us {outcome.known:,}, "
            f"{taken} {outcome.taken:,}, unreadable {len(outcome.unreadable):,}"
        )
        tell_unreadable(self.stderr, outcome.unreadable)
        if outcome.incomplete:
            self.stderr.write(f"  not read to its end: {outcome.incomplete}")

    def _tell_ours(
        self, provider: str, entries: list[AccountEntry], outcomes: list[Outcome], since: date | None
    ) -> None:
        if any(outcome.incomplete for outcome in outcomes):
            self.stdout.write("Ours that the gateway lacks: not counted, as its list is not complete")
            return
        listed: dict[int, set[Key]] = {}
        for entry, outcome in zip(entries, outcomes, strict=True):
            listed.setdefault(entry.controller_id, set()).update(outcome.keys)
        start = datetime.combine(since, time.min, UTC) if since else _EVER
        lacking = sum(ours_alone(provider, controller_id, keys, start) for controller_id, keys in listed.items())
        self.stdout.write(f"Ours that the gateway lacks: {lacking:,} (they stay: a list lifts nothing)")


def _rows(entry: AccountEntry, options: Mapping[str, Any], now: datetime) -> Rows:
    account = entry.account
    if options["csv"]:
        return read_csv(options["csv"], now, column=options["column"], provider=account.provider)
    return _READERS[account.provider](entry, options, now)


def _from_twilio(entry: AccountEntry, options: Mapping[str, Any], now: datetime) -> Rows:
    account = entry.account
    return read_twilio(_credentials(account), account.options, now, options["since"])


def _from_aws(entry: AccountEntry, options: Mapping[str, Any], now: datetime) -> Rows:
    account = entry.account
    return read_aws(_credentials(account), account.options, now)


def _credentials(account: Account) -> Mapping[str, str]:
    return credentials_of(ProviderAccount.objects.get(provider=account.provider, endpoint=account.endpoint))


_READERS = {"twilio": _from_twilio, "sns": _from_aws}


def _since(rows: Rows, first: date) -> Rows:
    """Without the rows of days before. A row without a day stays: we do not know that it is older."""
    start = datetime.combine(first, time.min, UTC)
    return (row for row in rows if (getattr(row, "occurred_at", None) or start) >= start)
