"""Ports: free ones are found and kept, taken ones refused in a line."""

import socket
from collections.abc import Iterator
from threading import Timer

import pytest

from config.local import ports
from config.local.errors import SetupError
from tests.each import each


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(ports, "PATIENCE", 0.05)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as whoever was told that it is free
        listener.bind((ports.HOST, ports.anywhere()))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_another_program_has_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)


def test_the_web_s_port_in_use_is_one_line_with_a_way_out(taken: int) -> None:
    with pytest.raises(SetupError) as failure:
        ports.web({"PORT": str(taken)})
    assert str(failure.value) == (
        f"Port {taken} on 127.0.0.1 is in use by another program: stop it, or choose another: PORT={taken + 1}."
    )


@each("text", ["0", "65536", "http", "-1", "8000 ", "８０００", "9" * 100])
def test_what_is_not_a_port_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="is not a port"):
        ports.web({"PORT": text})


def test_a_port_that_is_just_being_given_up_is_waited_for() -> None:
    port = ports.anywhere()
    with socket.create_server((ports.HOST, port)) as listener:
        Timer(0.1, listener.close).start()
        assert ports.web({"PORT": str(port)}) == port


def test_the_others_stand_beside_the_web_s() -> None:
    web = next(port for port in range(20_000, 29_000) if ports.is_free(port + 432))
    assert ports.choose("POSTGRES_PORT", {}, {}, [web]) == web + 432


def test_a_remembered_port_is_kept_while_it_is_free(taken: int) -> None:
    free = ports.anywhere()
    assert ports.choose("SMTP_PORT", {}, {"SMTP_PORT": str(free)}, [8000]) == free
    assert ports.choose("SMTP_PORT", {}, {"SMTP_PORT": str(taken)}, [8000]) != taken


def test_a_given_port_outranks_the_remembered_one(taken: int) -> None:
    given, remembered = str(ports.anywhere()), {"VALKEY_PORT": "7000"}
    assert ports.choose("VALKEY_PORT", {"VALKEY_PORT": given}, remembered, [8000]) == int(given)
    with pytest.raises(SetupError, match=f"VALKEY_PORT={taken} on 127.0.0.1 is in use"):
        ports.choose("VALKEY_PORT", {"VALKEY_PORT": str(taken)}, remembered, [8000])


def test_one_port_is_not_handed_out_twice() -> None:
    free = ports.anywhere()
    assert ports.choose("SMTP_PORT", {}, {"SMTP_PORT": str(free)}, [8000, free]) != free
    with pytest.raises(SetupError, match="in use"):
        ports.choose("SMTP_PORT", {"SMTP_PORT": str(free)}, {}, [8000, free])


def test_where_no_port_is_free_one_line_says_so(taken: int) -> None:
    with pytest.raises(SetupError, match="No free port"):
        ports.first_free([taken, 0, 70_000], [])
