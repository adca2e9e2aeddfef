"""Signatures that are proven with a public key, which is then what an account holds as its secret."""

import base64
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from consent.intake.contract import Account, Forbidden
from consent.intake.providers import proof

Holds = Callable[[bytes], bool]  # does the signature hold under this key?


def require(account: Account, holds: Holds) -> None:
    """Raise `Forbidden` unless the signature holds under one of the account's keys."""
    if not any([holds(key) for key in proof.secrets_of(account)]):  # noqa: C419 - try them all
        raise Forbidden("the signature does not match")


def ed25519(key: bytes, signature: bytes, content: bytes) -> bool:
    """RFC 8032; `key` is the 32 bytes in base64."""
    try:
        Ed25519PublicKey.from_public_bytes(proof.from_base64(key.decode())).verify(signature, content)
    except (InvalidSignature, ValueError, Forbidden):
        return False
    return True


def ecdsa(key: bytes, signature: bytes, content: bytes) -> bool:
    """SHA-256; the signature in DER, the key as `load` takes it."""
    try:
        public = load(key)
        if not isinstance(public, EllipticCurvePublicKey):
            return False
        public.verify(signature, content, ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def rsa(key: bytes, signature: bytes, content: bytes, digest: HashAlgorithm) -> bool:
    """PKCS #1 v1.5; the key as `load` takes it."""
    try:
        public = load(key)
        if not isinstance(public, RSAPublicKey):
            return False
        public.verify(signature, content, PKCS1v15(), digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def load(key: bytes) -> PublicKeyTypes:
    """A SubjectPublicKeyInfo (RFC 5280): PEM, or its base64 alone, as providers' pages show it. Raise `ValueError`."""
    if key.lstrip().startswith(b"-----BEGIN"):
        return load_pem_public_key(key)
    return load_der_public_key(base64.b64decode(b"".join(key.split()), validate=True))
