"""A local certificate authority for meeting rooms without a certificate of their own.

Cameras, microphones and service workers need a trusted certificate (Secure Contexts, W3C). So the machine makes a
small authority, which people install once on their tablets, and a leaf certificate for its own names and addresses.
The authority is name-constrained (RFC 5280 §4.2.1.10): even with its key nobody can stand in for a public site.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import plistlib
import ssl
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.clock import Millis
from server.errors import Invalid

if TYPE_CHECKING:
    from server.machine import Names

CA_FILE, CA_KEY_FILE = "hopso-ca.pem", "hopso-ca.key"
DAY_MS: Millis = 86_400_000
LEAF_DAYS = 390
"""Apple and Chromium refuse leaves of more than 397 days."""
RENEW_BEFORE_DAYS = 30
CA_DAYS = 3650
BACKDATED_MS: Millis = 3_600_000
"""A tablet whose clock is up to an hour behind accepts a fresh certificate."""

PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
LOOPBACK_AND_LOCAL = ("127.0.0.0/8", "fc00::/7", "::1/128")
"""Where a LAN may lie (RFC 1918, 3927, 4193, 6598): a new address there needs a new leaf, never a new authority."""

Key = ec.EllipticCurvePrivateKey
Authority = tuple[x509.Certificate, Key]


class Issued(msgspec.Struct, frozen=True):
    """What `ensure` found or made."""

    ca: Path
    certificate: Path
    key: Path
    renewed: bool
    """The leaf is new; nobody has to do anything."""
    new_authority: bool
    """The authority is new; every tablet has to trust it."""


class Facts(msgspec.Struct, frozen=True):
    """A certificate, as far as the operator cares."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_after: Millis

    @property
    def until(self) -> str:
        """The last day it is good for, as "2026-11-22" (UTC)."""
        return f"{_moment(self.not_after):%Y-%m-%d}"


def ensure(ca_folder: Path, certificate: Path, key: Path, names: Names, now: Millis) -> Issued:
    """A valid leaf for these names, made or renewed when it is missing, near its end or for other names.

    The authority stays as long as it may sign for these names.
    """
    authority = _read_authority(ca_folder, names, now)
    new_authority = authority is None
    if authority is None:
        authority = _make_authority(names, now)
        _write(ca_folder / CA_FILE, _pem(authority[0]), 0o644)
        _write(ca_folder / CA_KEY_FILE, _pem_key(authority[1]), 0o600)
    renewed = new_authority or not _leaf_is_good(certificate, key, authority[0], names, now)
    if renewed:
        _issue(authority, certificate, key, names, now)
    return Issued(ca_folder / CA_FILE, certificate, key, renewed, new_authority)


def renew(ca_folder: Path, certificate: Path, key: Path, names: Names, now: Millis) -> bool:
    """A new leaf while the server runs, when the old one nears its end or the machine has another address.

    Never a new authority: that would lock every tablet out in the middle of a meeting. It waits for the next start.
    """
    authority = _read_authority(ca_folder, names, now)
    if authority is None or _leaf_is_good(certificate, key, authority[0], names, now):
        return False
    _issue(authority, certificate, key, names, now)
    return True


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The TLS settings of the web door: TLS 1.2 and newer. `Invalid("certificate.unusable")` when the files do not fit.

    Calling `load_cert_chain` on it again gives new connections the renewed certificate.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Invalid("certificate.unusable", file=str(certificate), reason=str(error)) from error
    return context


def facts(certificate: Path) -> Facts:
    """What the first certificate of a PEM file says; `Invalid("certificate.unusable")` when it cannot be read."""
    try:
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid("certificate.unusable", file=str(certificate), reason=str(error)) from error
    return Facts(_common_name(leaf.subject), _common_name(leaf.issuer), tuple(sorted(_names(leaf))), _not_after(leaf))


def der(ca: Path) -> bytes:
    """The authority's certificate in the binary form that Android and Windows take."""
    return x509.load_pem_x509_certificate(ca.read_bytes()).public_bytes(serialization.Encoding.DER)


def profile(ca: Path) -> bytes:
    """The authority's certificate as an Apple configuration profile (`.mobileconfig`)."""
    content = der(ca)
    name = _common_name(x509.load_der_x509_certificate(content).subject)
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": "vn.hopso.ca.root",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_OID, content.hex())).upper(),
        "PayloadDisplayName": name,
        "PayloadContent": content,
        "PayloadCertificateFileName": "hopso-ca.crt",
    }
    envelope = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "vn.hopso.ca",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_OID, "profile" + content.hex())).upper(),
        "PayloadDisplayName": name,
        "PayloadDescription": "Chứng chỉ để máy tính bảng tin cậy máy chủ Họp Số.",
        "PayloadOrganization": "Họp Số",
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [payload],
    }
    return plistlib.dumps(envelope)


def fingerprint(ca: Path) -> str:
    """SHA-256 of the authority's certificate, in pairs, as tablets show it: for comparing by eye."""
    return x509.load_pem_x509_certificate(ca.read_bytes()).fingerprint(hashes.SHA256()).hex(":").upper()


def _read_authority(folder: Path, names: Names, now: Millis) -> Authority | None:
    try:
        certificate = x509.load_pem_x509_certificate((folder / CA_FILE).read_bytes())
        key = serialization.load_pem_private_key((folder / CA_KEY_FILE).read_bytes(), None)
    except (OSError, ValueError):
        return None
    usable = isinstance(key, Key) and key.public_key() == certificate.public_key()
    lasts = _not_after(certificate) > now + (LEAF_DAYS + RENEW_BEFORE_DAYS) * DAY_MS
    if usable and lasts and _covers(certificate, names):
        return certificate, key  # type: ignore[return-value]  # `usable` says it is an EC key
    return None


def _covers(authority: x509.Certificate, names: Names) -> bool:
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    zones = {name.value for name in permitted if isinstance(name, x509.DNSName)}
    ranges = [ipaddress.ip_network(str(name.value)) for name in permitted if isinstance(name, x509.IPAddress)]
    inside = all(any(ipaddress.ip_address(address) in network for network in ranges) for address in names.addresses)
    return inside and zones.issuperset(names.hosts)


def _leaf_is_good(certificate: Path, key: Path, authority: x509.Certificate, names: Names, now: Millis) -> bool:
    try:
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
        leaf_key = serialization.load_pem_private_key(key.read_bytes(), None)
        leaf.verify_directly_issued_by(authority)
    except Exception:  # unreadable, of another key or of another authority: all mean "make a new one"
        return False
    fits = isinstance(leaf_key, Key) and leaf_key.public_key() == leaf.public_key()
    lasts = _not_after(leaf) > now + RENEW_BEFORE_DAYS * DAY_MS
    return fits and lasts and _names(leaf) == {*names.hosts, *names.addresses}


def _make_authority(names: Names, now: Millis) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Họp Số ({names.hosts[0]})"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Họp Số"),
        ]
    )
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    public = key.public_key()
    builder = (
        _builder(name, name, key, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    return builder.sign(key, hashes.SHA256()), key


def _permitted(names: Names) -> list[x509.GeneralName]:
    networks = [ipaddress.ip_network(text) for text in (*PRIVATE_RANGES, *LOOPBACK_AND_LOCAL)]
    own = [ipaddress.ip_network(address) for address in names.addresses]
    public = [one for one in own if not any(one.version == net.version and one.subnet_of(net) for net in networks)]  # type: ignore[arg-type]
    return [*(x509.DNSName(host) for host in names.hosts), *(x509.IPAddress(net) for net in (*networks, *public))]


def _issue(authority: Authority, certificate: Path, key: Path, names: Names, now: Millis) -> None:
    leaf, leaf_key = _make_leaf(authority, names, now)
    _write(key, _pem_key(leaf_key), 0o600)
    _write(certificate, _pem(leaf), 0o644)


def _make_leaf(authority: Authority, names: Names, now: Millis) -> tuple[x509.Certificate, Key]:
    key = ec.generate_private_key(ec.SECP256R1())
    ca, ca_key = authority
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.hosts[0])])
    alternatives: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in names.addresses]
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    ca_id = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(subject, ca.subject, key, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False)
    )
    return builder.sign(ca_key, hashes.SHA256()), key


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, now: Millis, days: int) -> x509.CertificateBuilder:
    start = _moment(now - BACKDATED_MS)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=days))
    )


def _moment(at: Millis) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at // 1000, tz=datetime.UTC)


def _not_after(certificate: x509.Certificate) -> Millis:
    return int(certificate.not_valid_after_utc.timestamp() * 1000)


def _names(leaf: x509.Certificate) -> set[str]:
    try:
        found: Iterable[x509.GeneralName] = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in found}


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: Key) -> bytes:
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)


def _write(target: Path, content: bytes, mode: int) -> None:
    """Replaces the file at once, with the right permissions from its first byte on."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    Path(temporary).replace(target)
