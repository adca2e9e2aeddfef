"""AWS's opt-outs: every opt-out list of End User Messaging (`pinpoint-sms-voice-v2`), and the list of SNS.

`DescribeOptOutLists` and `DescribeOptedOutNumbers` name the moment; `ListPhoneNumbersOptedOut` of SNS does not.
Neither names the number of ours that the person answered: an AWS list is shared by the numbers assigned to it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from consent.lists.listed import Incomplete, Listed, Rows, bounded
from consent.lists.twilio import origin_of

TRIES = 6
_PAGE_SIZE = 100
_SERVICES = ("pinpoint-sms-voice-v2", "sns")


def read_aws(credentials: Mapping[str, str], options: Mapping[str, str], now: datetime) -> Rows:
    """The opt-outs of both services, or of those that the account's option `lists` names. Raise `Incomplete`.

    One service that refuses does not keep the other from being read.
    """
    failures = []
    for service in (options.get("lists") or ",".join(_SERVICES)).split(","):
        try:
            yield from _read(service.strip(), credentials, options, now)
        except Incomplete as error:
            failures.append(f"{service.strip()}: {error}")
    if failures:
        raise Incomplete("; ".join(failures))


def _read(service: str, credentials: Mapping[str, str], options: Mapping[str, str], now: datetime) -> Rows:
    from botocore.exceptions import BotoCoreError, ClientError  # only here: it takes a while to load

    if service not in _SERVICES:
        raise Incomplete(f"the account's option lists may name {' and '.join(_SERVICES)}")
    try:
        client = _client(service, credentials, options)
        yield from _from_sns(client) if service == "sns" else _from_lists(client, now)
    except ClientError as error:
        raise Incomplete(f"AWS answered {error.response.get('Error', {}).get('Code', 'an error')}") from error
    except BotoCoreError as error:
        raise Incomplete(f"AWS cannot be asked: {type(error).__name__}") from error


@cache
def _session() -> Any:
    """One for all accounts: it has read what the services are, which takes longer than most lists."""
    import botocore.session

    return botocore.session.Session()


def _client(service: str, credentials: Mapping[str, str], options: Mapping[str, str]) -> Any:
    from botocore.config import Config

    region = options.get("region") or credentials.get("region")
    if not region or not credentials.get("access_key_id") or not credentials.get("secret_access_key"):
        raise Incomplete("credentials are missing: access_key_id, secret_access_key and region")
    return _session().create_client(
        service,
        region_name=region,
        endpoint_url=origin_of(options["api_url"]) if options.get("api_url") else None,
        aws_access_key_id=credentials["access_key_id"],
        aws_secret_access_key=credentials["secret_access_key"],
        aws_session_token=credentials.get("session_token"),
        config=Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": TRIES}),
    )


def _pages(ask: Callable[..., Mapping[str, Any]], token: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """Every page of an answer. `token` is the name under which it gives the next one's token, and takes it."""
    seen: set[str] = set()
    while True:
        page = ask(**asked)
        yield page
        following = page.get(token)
        if not following:
            return
        if following in seen:
            raise Incomplete("AWS gives the same page again")
        seen.add(following)
        asked[token] = following


def _from_lists(client: Any, now: datetime) -> Iterator[Listed]:
    names = [
        str(one["OptOutListName"])
        for page in _pages(client.describe_opt_out_lists, "NextToken", MaxResults=_PAGE_SIZE)
        for one in page.get("OptOutLists", ())
    ]
    for name in names:
        ask = client.describe_opted_out_numbers
        for page in _pages(ask, "NextToken", OptOutListName=name, MaxResults=_PAGE_SIZE):
            yield from (_opted_out(name, place, one, now) for place, one in enumerate(page.get("OptedOutNumbers", ())))


def _opted_out(name: str, place: int, one: Mapping[str, Any], now: datetime) -> Listed:
    at = one.get("OptedOutTimestamp")
    return Listed(
        number=str(one.get("OptedOutNumber", "")),
        place=f"entry {place + 1} of a page of the list {name[:64]}",
        occurred_at=min(at.astimezone(UTC), now) if isinstance(at, datetime) else None,
        row=bounded({"OptOutListName": name, **one}),
    )


def _from_sns(client: Any) -> Iterator[Listed]:
    for page in _pages(client.list_phone_numbers_opted_out, "nextToken"):
        for place, number in enumerate(page.get("phoneNumbers", ())):
            yield Listed(str(number), f"entry {place + 1} of a page of SNS", row=bounded({"phoneNumber": number}))
