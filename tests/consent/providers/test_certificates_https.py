"""A certificate's download over real HTTPS, with an authority of our own."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consent.certificates import Unavailable, download
from tests.consent.providers.gateways import certificate

PEM = serialization.Encoding.PEM


def issue(
    name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.issuer_name(issuer[0].subject if issuer else subject).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = builder.add_extension(names, critical=False)
    signer = issuer[1] if issuer else key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    usage = x509.KeyUsage(True, False, False, False, False, issuer is None, issuer is None, False, False)
    return builder.add_extension(usage, critical=True).sign(signer, hashes.SHA256()), key


class Host:
    """An HTTPS server of this machine, and what a client needs to trust it."""

    def __init__(self, folder: Path, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.authority = issue("authority", None, datetime.now(UTC))
        own = issue("host", self.authority, datetime.now(UTC))
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / "host.pem").write_bytes(own[0].public_bytes(PEM) + own[1].private_bytes(PEM, *plain))
        handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
        self.server = HTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "host.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}/x.pem"

    def client(self, *, trusting: bool = True) -> httpx.Client:
        context = ssl.create_default_context()
        if trusting:
            context.load_verify_locations(cadata=self.authority[0].public_bytes(PEM).decode())
        return httpx.Client(verify=context, timeout=5, trust_env=False)


@contextmanager
def hosting(folder: Path, answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Host]:
    host = Host(folder, answer)
    thread = threading.Thread(target=host.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        host.server.shutdown()
        thread.join()
        host.server.server_close()


def answering(status: int, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            handler.wfile.write(body)
        except OSError:
            return  # the client has had enough

    return answer


def test_a_host_whose_name_is_proven_is_believed(tmp_path: Path) -> None:
    with hosting(tmp_path, answering(200, certificate())) as host:
        assert download(host.url, host.client()) == certificate()


def test_a_host_whose_name_is_not_proven_is_not(tmp_path: Path) -> None:
    with hosting(tmp_path, answering(200, certificate())) as host, pytest.raises(Unavailable, match="ConnectError"):
        download(host.url, host.client(trusting=False))


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (302, b"", {"Location": "http://169.254.169.254/latest/meta-data/"}),
        (301, b"", {"Location": "/other.pem"}),
        (403, certificate(), {}),
        (206, certificate(), {}),
        (200, b"x" * 100_000, {}),
    ],
)
def test_redirects_errors_and_large_answers_are_refused(
    tmp_path: Path, status: int, body: bytes, headers: dict[str, str]
) -> None:
    with hosting(tmp_path, answering(status, body, **headers)) as host, pytest.raises(Unavailable):
        download(host.url, host.client())


def test_where_nobody_answers(tmp_path: Path) -> None:
    with hosting(tmp_path, answering(200, b"")) as host:
        url, client = host.url, host.client()
    with pytest.raises(Unavailable):
        download(url, client)
