"""Gateways' APIs as their documents describe them, on a port of this machine."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "the auth token of the account"
DROP = 0  # instead of a status: the connection ends in the middle of the answer


class StandIn:
    """One running server. `faults` are statuses that the next requests get instead of an answer, by place."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, Mapping[str, str], bytes]] = []
        self.faults: dict[int, int] = {}
        self.retry_after = "0"

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        """Status, content type and body."""
        raise AssertionError("each gateway answers by itself")


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """Run a stand-in."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _serve(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            place = len(stand_in.asked)
            stand_in.asked.append((self.path, headers, body))
            fault = stand_in.faults.get(place)
            status, kind, text = stand_in.answer(self.path, headers, body)
            if fault:
                status, kind, text = fault, "application/json", json.dumps({"code": 20429, "status": fault})
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if fault == 429:
                self.send_header("Retry-After", stand_in.retry_after)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if fault == DROP and place in stand_in.faults else content)
            self.close_connection = fault == DROP and place in stand_in.faults

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Twilio(StandIn):
    """`GET /2010-04-01/Accounts/{sid}/Messages.json`: newest first, in pages."""

    def __init__(self, messages: Sequence[Mapping[str, Any]], page_size: int = 3) -> None:
        super().__init__()
        self.messages = messages
        self.page_size = page_size

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        wanted = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            return 401, "application/json", json.dumps({"code": 20003, "message": "Authenticate", "status": 401})
        parts = urlsplit(path)
        assert parts.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        page = int(parse_qs(parts.query).get("Page", ["0"])[0])
        return 200, "application/json", json.dumps(self._page(page))

    def _page(self, page: int) -> dict[str, Any]:
        start = page * self.page_size
        base = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?PageSize={self.page_size}"
        more = start + self.page_size < len(self.messages)
        return {
            "first_page_uri": f"{base}&Page=0",
            "next_page_uri": f"{base}&Page={page + 1}&PageToken=PASM{page}" if more else None,
            "previous_page_uri": None,
            "page": page,
            "page_size": self.page_size,
            "start": start,
            "end": min(start + self.page_size, len(self.messages)) - 1,
            "uri": f"{base}&Page={page}",
            "messages": list(self.messages[start : start + self.page_size]),
        }


def message(number: int, **more: Any) -> dict[str, Any]:
    """A message as Twilio describes one; without more, an ordinary one of ours, delivered."""
    plain = {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": "Your table is booked.",
        "date_created": "Tue, 03 Mar 2026 10:00:00 +0000",
        "date_sent": "Tue, 03 Mar 2026 10:00:01 +0000",
        "date_updated": "Tue, 03 Mar 2026 10:00:02 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": "+15550100001",
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": f"SM{number:032x}",
        "status": "delivered",
        "to": "+14155550100",
    }
    return plain | more


def blocked(number: int, person: str, **more: Any) -> dict[str, Any]:
    """A message of ours that met an opt-out."""
    text = "Attempt to send to unsubscribed recipient"
    return message(number, to=person, status="failed", error_code=21610, error_message=text, **more)


def heard(number: int, person: str, word: str, day: int = 3) -> dict[str, Any]:
    """A message from a person to our number."""
    sent = f"{day:02d} Mar 2026 09:30:00 +0000"
    ours = {"direction": "inbound", "status": "received", "from": person, "to": "+15550100001", "body": word}
    return message(number, date_sent=sent, **ours)


class Aws(StandIn):
    """JSON 1.0 for End User Messaging, the query protocol with XML for SNS; pages by token."""

    def __init__(
        self, lists: Mapping[str, Sequence[Mapping[str, Any]]], sns: Sequence[str], page_size: int = 2
    ) -> None:
        super().__init__()
        self.lists = lists
        self.sns = sns
        self.page_size = page_size
        self.refused: set[str] = set()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        assert headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        target = headers.get("x-amz-target", "")
        operation = target.partition(".")[2] or parse_qs(body.decode())["Action"][0]
        if operation in self.refused:
            return self._denied(bool(target))
        return self._json(operation, json.loads(body)) if target else self._xml(parse_qs(body.decode()))

    def _denied(self, as_json: bool) -> tuple[int, str, str]:
        if as_json:
            return 400, "application/x-amz-json-1.0", json.dumps({"__type": "AccessDeniedException", "Message": "no"})
        error = "<Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error>"
        return 403, "text/xml", f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"

    def _json(self, operation: str, asked: Mapping[str, Any]) -> tuple[int, str, str]:
        start = int(asked.get("NextToken", "0"))
        if operation == "DescribeOptOutLists":
            named: Sequence[Any] = [{"OptOutListName": name, "OptOutListArn": f"arn:{name}"} for name in self.lists]
            answer: dict[str, Any] = {"OptOutLists": named[start : start + self.page_size]}
        else:
            assert operation == "DescribeOptedOutNumbers"
            named = self.lists[asked["OptOutListName"]]
            answer = {
                "OptOutListName": asked["OptOutListName"],
                "OptedOutNumbers": named[start : start + self.page_size],
            }
        if start + self.page_size < len(named):
            answer["NextToken"] = str(start + self.page_size)
        return 200, "application/x-amz-json-1.0", json.dumps(answer)

    def _xml(self, asked: Mapping[str, Sequence[str]]) -> tuple[int, str, str]:
        assert asked["Action"] == ["ListPhoneNumbersOptedOut"]
        start = int(asked.get("nextToken", ["0"])[0])
        shown = "".join(f"<member>{escape(one)}</member>" for one in self.sns[start : start + self.page_size])
        more = start + self.page_size < len(self.sns)
        token = f"<nextToken>{start + self.page_size}</nextToken>" if more else ""
        result = f"<phoneNumbers>{shown}</phoneNumbers>{token}"
        name = "ListPhoneNumbersOptedOut"
        text = (
            f'<{name}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{name}Result>{result}</{name}Result>'
            f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{name}Response>"
        )
        return 200, "text/xml", text
