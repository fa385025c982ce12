"""Certificates for a server on loopback and for its client, by an authority that nobody else trusts."""

import datetime
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLIENT = "postgres"
"""Whom the client's certificate names."""


def write(directory: Path, *, owner: int) -> None:
    """``ca.crt``, and ``server`` and ``client`` as ``.crt`` and ``.key``; the server belongs to ``owner``."""
    authority, issuer = _key(), _name("authority")
    _write(directory / "ca", authority, _certificate(issuer, authority, issuer, authority))
    for file, common_name in {"server": "127.0.0.1", "client": CLIENT}.items():
        key = _key()
        _write(directory / file, key, _certificate(_name(common_name), key, issuer, authority))
    os.chown(directory / "server.key", owner, -1)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, authority: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .add_extension(loopback, critical=False)
        .sign(authority, hashes.SHA256())
    )


def _write(file: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    private = file.with_suffix(".key")
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
