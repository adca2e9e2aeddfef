"""Read bombs in a process that may not have more memory than so much: `python -m tests.consent.mail.confined`.

Prints a line a message: its name, its size and the row that decided. A message that takes more than is allowed ends the
process with a MemoryError.
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from consent.classify.mail_explain import explain_raw
from consent.intake.mail_authenticity import signed, stated
from tests.consent.mail.letters import letter
from tests.consent.mail.test_limits import HEAD, READ, REFUSED

ALLOWED = 24_000_000  # bytes beyond the message itself
LARGE = 40_000_000
MIXED = b"Subject: NO SNAIL MAIL\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nunsubscribe\n"


def messages() -> Iterator[tuple[str, bytes]]:
    """The bombs, and letters with attachments of 40 MB, one after the other."""
    yield from REFUSED.items()
    yield from READ.items()
    encoding = b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    yield "attachment in lines", HEAD + MIXED + encoding + (b"QUJD" * 19 + b"\n") * (LARGE // 77) + b"--b--\n"
    yield "attachment in one line", HEAD + MIXED + encoding + b"QUJD" * (LARGE // 4) + b"\n--b--\n"
    yield "attachments by hundreds", HEAD + MIXED + (encoding + b"QUJD" * 25_000 + b"\n") * 400 + b"--b--\n"
    yield "picture in HTML", HEAD + b"Content-Type: text/html\n\n<img src='data:" + b"QUJD" * (LARGE // 4) + b"'>"
    yield "text", HEAD + b"\n" + b"Please remove me from your list.\n" * (LARGE // 33)


def main() -> None:
    key = b"v=DKIM1; p="
    explain_raw(letter("Hello"))  # whatever is loaded on first use is no cost of a message
    stated(letter("Hello"), {"mx.example"})
    for name, raw in messages():
        resource.setrlimit(resource.RLIMIT_AS, (_taken() + ALLOWED, resource.RLIM_INFINITY))
        row = explain_raw(raw)["row"]
        stated(raw, {"mx.example"})
        signed(raw, lambda _: key)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        sys.stdout.write(f"{name}\t{len(raw)}\t{row}\n")


def _taken() -> int:
    """The address space that this process has, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main()
