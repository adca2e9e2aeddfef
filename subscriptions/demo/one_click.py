"""A mail provider's one-click request (RFC 8058 §3.2), replayed over TLS that verifies the certificate."""

import http.client
import shutil
import ssl
import subprocess
from typing import NamedTuple
from urllib.parse import urlsplit

from consent.classify.pressed import GMAIL, ONE_CLICK
from subscriptions.demo.doors import NotRunning, Refused
from subscriptions.demo.tls import Front

_SECONDS = 20
_BOUNDARY = "---FormBoundaryjWmhtjORrn"
# RFC 8058 §8.2 as it is printed. Its delimiters lack two hyphens, so no parser takes it; it must count all the same.
_MULTIPART = (
    f'{_BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n{_BOUNDARY}--\r\n'
).encode()


class Shown(NamedTuple):
    """What was sent and what was answered, for people."""

    sent: str
    answered: str


def address_in(list_unsubscribe: str, front: Front) -> str:
    """The HTTPS address of the header, at the front."""
    return front.origin + urlsplit(list_unsubscribe.partition("<")[2].partition(">")[0]).path


def by_curl(url: str, front: Front) -> Shown | None:
    """As Gmail calls itself, by curl; None where there is no curl. Raise `Refused`."""
    if not (curl := shutil.which("curl")):
        return None
    plain = ("--silent", "--show-error", "--include", "--max-time", str(_SECONDS), "--cacert", front.certificate)
    telling = ("--user-agent", GMAIL, "--data", ONE_CLICK.decode())
    run = subprocess.run([curl, *plain, *telling, url], capture_output=True, text=True, check=False)  # noqa: S603
    if run.returncode:
        raise NotRunning(f"curl: {run.stderr.strip()}")
    head, _, body = run.stdout.replace("\r\n", "\n").partition("\n\n")
    status, *fields = head.split("\n")
    answered = _checked(int(status.split()[1]), [line.partition(":")[0] for line in fields], body)
    return Shown(f"curl -A '{GMAIL}' -d {ONE_CLICK.decode()} {url[:50]}…", answered)


def by_client(url: str, front: Front) -> Shown:
    """The RFC's multipart over a connection of its own. Raise `Refused`."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=front.certificate)
    connection = http.client.HTTPSConnection(parts.netloc, timeout=_SECONDS, context=context)
    try:
        connection.connect()
        version = connection.sock.version()
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        connection.request("POST", parts.path, _MULTIPART, headers)
        answer = connection.getresponse()
        answered = _checked(answer.status, [name for name, _ in answer.getheaders()], answer.read().decode())
    except (OSError, http.client.HTTPException) as error:
        raise NotRunning(f"{url} does not answer: {error}") from error
    finally:
        connection.close()
    return Shown(f"the RFC's own multipart example, over a fresh {version} connection", answered)


def _checked(status: int, headers: list[str], body: str) -> str:
    """The answer in a line. Raise `Refused` for what RFC 8058 forbids: anything but 2xx, a redirect, a cookie."""
    names = {name.lower() for name in headers}
    if not 200 <= status < 300 or names & {"location", "set-cookie"}:
        raise Refused(f"a one-click request was answered {status} with {', '.join(sorted(names))}")
    return f"{status} {body.strip()} (no cookie, no redirect)"
