"""A real HTTP server that holds mail as Resend, Mailtrap and S3 do, and hands it out as they document it.

It proves who asks as they would (bearer tokens; Signature Version 4, computed here anew), and can be away, slow to know
of a message, redirect, hand out an error's page, or name a host of somebody else.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CREDENTIALS: dict[str, dict[str, str]] = {
    "resend": {"api_key": "re_the key of the resend account"},
    "mailtrap": {"api_token": "the token of the mailtrap account"},
    "amazon_ses": {
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "the secret of the aws account",
        "region": "us-east-1",
    },
}
PATHS = {
    "resend": "/resend/emails/receiving/",
    "mailtrap": "/mailtrap/inbound/inboxes/7/messages/",
    "amazon_ses": "/amazon_ses/our-mail/inbound/",
}
Reply = tuple[int, Mapping[str, str], bytes]


class Holder:
    """`mood`: `ok`, `away` (503), `denied` (403), `moved` (301), `page` (an error's page, told as 200), `foreign` (sent
    on to another's host), `fields` (no raw message), `encrypted` (by SES itself).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.mood = "ok"
        self.letters: dict[str, bytes] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.fields: dict[str, Any] = {}

    def api_url(self, provider: str) -> str:
        return f"{self.url}/{provider}"

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append((path, headers))
        status = {"away": 503, "denied": 403, "moved": 301}.get(self.mood)
        if status:
            return status, {"Location": f"{self.url}/raw/x"} if status == 301 else {}, b"{}"
        plain = path.partition("?")[0]
        name = plain.rpartition("/")[2]
        if plain.startswith("/raw/"):
            return self._signed(path, name, headers)
        provider = plain.split("/")[1]
        if not plain.startswith(PATHS[provider]) or not self._is_proved(provider, plain, headers):
            return 401, {}, b'{"message": "who are you?"}'
        if name not in self.letters:
            return 404, {}, b'{"message": "not found"}'
        return self._object(name) if provider == "amazon_ses" else self._message(provider, name)

    def _is_proved(self, provider: str, path: str, headers: Mapping[str, str]) -> bool:
        own = CREDENTIALS[provider]
        if provider == "amazon_ses":
            return headers.get("authorization") == s3_authorization(path, headers)
        return headers.get("authorization") == f"Bearer {next(iter(own.values()))}"

    def _signed(self, path: str, name: str, headers: Mapping[str, str]) -> Reply:
        """A download proves itself by its address: no key of ours may come along."""
        if not path.endswith("?signature=1") or "authorization" in headers:
            return 403, {}, b""
        return self._object(name)

    def _object(self, name: str) -> Reply:
        if self.mood == "page":
            return 200, {}, b'{"message": "an error, told as 200"}'
        sealed = {"x-amz-meta-x-amz-key-v2": "AQ", "x-amz-meta-x-amz-cek-alg": "AES/GCM/NoPadding"}
        return 200, sealed if self.mood == "encrypted" else {}, self.letters[name]

    def _message(self, provider: str, name: str) -> Reply:
        host = "https://mail.example" if self.mood == "foreign" else self.url
        url = f"{host}/raw/{name}?signature=1" if self.mood != "fields" else None
        where = {"raw": {"download_url": url}} if provider == "resend" else {"raw_message_url": url}
        return 200, {}, json.dumps({"id": name, **where, **self.fields}).encode()


def s3_authorization(path: str, headers: Mapping[str, str]) -> str:
    """The Authorization header by the document of Signature Version 4, apart from botocore."""
    own, moment = CREDENTIALS["amazon_ses"], headers["x-amz-date"]
    signed = sorted(headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";"))
    canonical = "\n".join(
        ("GET", path, "", *(f"{name}:{headers[name].strip()}" for name in signed), "", ";".join(signed))
    )
    canonical += f"\n{hashlib.sha256(b'').hexdigest()}"
    place = f"{moment[:8]}/{own['region']}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{place}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + own["secret_access_key"].encode()
    for part in place.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    code = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={own['access_key_id']}/{place}"
    return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={';'.join(signed)}, Signature={code}"


def _handler_of(holder: Holder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = holder.reply(self.path, {name.lower(): text for name, text in self.headers.items()})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # whoever reads no more than a limit hangs up
                self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@contextmanager
def holding(port: int = 0) -> Iterator[Holder]:
    """Serve until the block ends. `port` 0 takes any that is free."""
    server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    holder = Holder(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler_of(holder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield holder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
