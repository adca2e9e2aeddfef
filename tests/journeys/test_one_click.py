"""One-click requests on the wire, as HTTP allows them and a test client does not write them."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.instance import PATIENCE, Instance, new_address

BODY = b"List-Unsubscribe=One-Click"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
ALL = b"page=unsubscribe&scope=all"

# What follows the path, in pieces of which each waits for an answer to the one before: request line, headers, body.
WIRE: dict[str, tuple[bytes, ...]] = {
    "plainly": (b" HTTP/1.1\r\nHost: x\r\n%sContent-Length: 26\r\n\r\n%s" % (FORM, BODY),),
    "HTTP/1.0, which has no Host": (b" HTTP/1.0\r\n%sContent-Length: 26\r\n\r\n%s" % (FORM, BODY),),
    "in chunks": (b" HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: chunked\r\n\r\n1a\r\n%s\r\n0\r\n\r\n" % (FORM, BODY),),
    "asking first": (
        b" HTTP/1.1\r\nHost: x\r\n%sExpect: 100-continue\r\nContent-Length: 26\r\n\r\n" % FORM,
        BODY,
    ),
    "no body and no length": (b" HTTP/1.1\r\nHost: x\r\n\r\n",),
    "another's Host": (b" HTTP/1.1\r\nHost: inside.example.\r\n%sContent-Length: 26\r\n\r\n%s" % (FORM, BODY),),
    "two types": (
        b" HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n%sContent-Length: 26\r\n\r\n%s" % (FORM, BODY),
    ),
    "more than is read": (b" HTTP/1.1\r\nHost: x\r\n%sContent-Length: 3000000\r\n\r\n" % FORM + b"x" * 3_000_000,),
}


def posted(running: Instance, path: str, pieces: tuple[bytes, ...], scheme: str = "") -> bytes:
    """The last answer on a connection of its own."""
    place = urlsplit(running.url)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as connection:
        line = b"POST " + f"{scheme}{path}".encode()
        answer = b""
        for piece in pieces:
            connection.sendall(line + piece)
            line, answer = b"", connection.recv(65_536)
        return answer


@pytest.mark.parametrize("way", WIRE)
def test_however_it_is_sent_it_is_a_no(running: Instance, way: str) -> None:
    address = new_address()
    answer = posted(running, running.link(address, "offers"), WIRE[way])
    assert answer.split(b" ", 2)[1] == b"200", answer
    assert b"set-cookie" not in answer.lower()
    assert not running.check("email", address, "offers")["allowed"]
    running.eventually("email", address, "offers", reason="opted_out", scope="topic:offers")


def test_a_whole_address_in_any_letters_names_the_same_link(running: Instance) -> None:
    address = new_address()
    scheme = running.url.replace("http", "HTTP")
    assert posted(running, running.link(address, "offers"), WIRE["plainly"], scheme).split(b" ", 2)[1] == b"200"
    assert not running.check("email", address, "offers")["allowed"]


def test_a_form_in_chunks_is_read_as_the_form_it_is(running: Instance) -> None:
    address = new_address()
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ALL), ALL)
    request = b" HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: chunked\r\n\r\n%s" % (FORM, chunk)
    assert posted(running, running.link(address, "offers"), (request,)).split(b" ", 2)[1] == b"200"
    assert not running.check("email", address, "events")["allowed"]
