"""TLS in front of an instance for a while, as a proxy has it in production: `make up` itself speaks plain HTTP."""

import http.client
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HOST = "127.0.0.1"
_SECONDS = 20
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


class Front(NamedTuple):
    """Where it listens, and the file with the certificate that a client is to trust."""

    origin: str
    certificate: str


@contextmanager
def tls_in_front_of(url: str) -> Iterator[Front]:
    """Take TLS on a free port and hand on to `url`. Key and certificate are gone with it."""
    with tempfile.TemporaryDirectory(prefix="sayso-demo-") as folder:
        certificate = Path(folder) / "certificate.pem"
        certificate.write_bytes(_key_and_certificate())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with _Server((_HOST, 0), _Relay) as server:
            server.web = urlsplit(url).netloc
            server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield Front(f"https://{_HOST}:{server.server_port}", str(certificate))
            finally:
                server.shutdown()
                thread.join()


class _Server(ThreadingHTTPServer):
    """`web` is host:port of the instance."""

    daemon_threads = True
    web = ""


class _Relay(BaseHTTPRequestHandler):
    """One request there, one answer back, its headers untouched."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        web = http.client.HTTPConnection(self.server.web, timeout=_SECONDS)
        try:
            web.request("POST", self.path, body, dict(self.headers))
            answer = web.getresponse()
            self._hand_back(answer, answer.read())
        finally:
            web.close()

    def _hand_back(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """The demonstration prints what there is to say."""


def _key_and_certificate() -> bytes:
    """A key, and a certificate for this host that it signed itself, valid for an hour; both as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sayso demonstration")])
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
