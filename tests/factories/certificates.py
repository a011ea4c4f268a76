"""Certificates for servers of tests: an authority of our own, and what it signs for 127.0.0.1."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificates(folder: Path, days: int = 1) -> Path:
    """Write a CA (ca.pem) and a server's certificate of it (cert.pem, key.pem) that ends in so many days."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    now = datetime.now(UTC)

    def certificate(
        name: x509.Name, public_key: Any, extensions: list[tuple[x509.ExtensionType, bool]]
    ) -> bytes:
        builder = x509.CertificateBuilder(ca_name, name, public_key, x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(
            now + timedelta(days=days)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = [(x509.BasicConstraints(True, None), True), (ca_id, False), (usage, True)]
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("127.1")]
    )
    leaf = [(names, False), (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), False)]
    (folder / "ca.pem").write_bytes(certificate(ca_name, ca_key.public_key(), ca))
    (folder / "cert.pem").write_bytes(certificate(x509.Name([]), key.public_key(), leaf))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder


def tls_options(certificates: Path, *more: str) -> list[str]:
    return ["--tls-cert", str(certificates / "cert.pem"), "--tls-key", str(certificates / "key.pem"), *more]


def trusting(certificates: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates / "ca.pem"))
