"""The local authority: what it makes is trusted, lasts, follows the machine, and cannot speak for others."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import plistlib
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from server import certificates
from server.clock import SystemClock
from server.errors import Invalid
from server.machine import Names

NAMES = Names(
    ("phonghop", "phonghop.local", "localhost"), ("10.20.30.40", "203.0.113.7", "fd00::7", "127.0.0.1", "::1")
)
NOW = SystemClock().now()


def make(folder: Path, names: Names = NAMES, now: int = NOW) -> certificates.Issued:
    return certificates.ensure(folder, folder / "server.pem", folder / "server.key", names, now)


def shake_hands(issued: certificates.Issued, certificate: Path, key: Path, name: str) -> None:
    """One TLS handshake in memory, the client trusting only the authority; raises when it refuses."""
    server = certificates.server_context(certificate, key)
    client = ssl.create_default_context(cafile=str(issued.ca))
    ends = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(ends[0], ends[1], server_hostname=name)
    answering = server.wrap_bio(ends[1], ends[0], server_side=True)
    for _round in range(4):
        for end in (asking, answering):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert asking.version() is not None


@pytest.mark.parametrize("name", [*NAMES.hosts, *NAMES.addresses])
def test_every_name_and_address_of_the_machine_is_verified(tmp_path: Path, name: str) -> None:
    issued = make(tmp_path)
    shake_hands(issued, issued.certificate, issued.key, name)


def test_a_name_that_is_not_the_machines_is_refused(tmp_path: Path) -> None:
    issued = make(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        shake_hands(issued, issued.certificate, issued.key, "10.20.30.41")


@pytest.mark.parametrize("name", ["mail.tinh.gov.vn", "198.51.100.9"])
def test_a_leaf_for_a_foreign_name_fails_by_the_name_constraint(tmp_path: Path, name: str) -> None:
    issued = make(tmp_path)
    certificate, key = forge(issued.ca, tmp_path / certificates.CA_KEY_FILE, name, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(issued, certificate, key, name)


def forge(ca_file: Path, ca_key_file: Path, name: str, folder: Path) -> tuple[Path, Path]:
    """What a thief of the authority's key would make."""
    ca = x509.load_pem_x509_certificate(ca_file.read_bytes())
    ca_key = load_pem_private_key(ca_key_file.read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    is_address = name[0].isdigit()
    alternative = x509.IPAddress(ipaddress.ip_address(name)) if is_address else x509.DNSName(name)
    leaf = (
        x509.CertificateBuilder(ca.subject, x509.Name([]), key.public_key(), 1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    certificates._write(folder / "forged.pem", certificates._pem(leaf), 0o644)
    certificates._write(folder / "forged.key", certificates._pem_key(key), 0o600)
    return folder / "forged.pem", folder / "forged.key"


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    issued = make(tmp_path)
    for key in (issued.key, tmp_path / certificates.CA_KEY_FILE):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_leaf_meets_the_rules_of_ipados_and_chromium(tmp_path: Path) -> None:
    issued = make(tmp_path)
    leaf = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    lasts = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    assert lasts <= datetime.timedelta(days=397)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    ca = x509.load_pem_x509_certificate(issued.ca.read_bytes())
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == own


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    again = make(tmp_path)
    assert not again.renewed
    assert not again.new_authority
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_a_new_lan_address_renews_the_leaf_and_keeps_the_authority(tmp_path: Path) -> None:
    ca = make(tmp_path).ca.read_bytes()
    moved = make(tmp_path, Names(NAMES.hosts, ("192.168.7.9", *NAMES.addresses[1:])))
    assert moved.renewed
    assert not moved.new_authority
    assert moved.ca.read_bytes() == ca
    shake_hands(moved, moved.certificate, moved.key, "192.168.7.9")


def test_a_leaf_near_its_end_is_renewed(tmp_path: Path) -> None:
    first = certificates.facts(make(tmp_path).certificate)
    later = make(tmp_path, now=NOW + 361 * certificates.DAY_MS)
    assert later.renewed
    assert not later.new_authority
    assert certificates.facts(later.certificate).not_after > first.not_after


@pytest.mark.parametrize(
    "names",
    [Names(("tenmoi", *NAMES.hosts[1:]), NAMES.addresses), Names(NAMES.hosts, ("198.51.100.9", *NAMES.addresses))],
    ids=["a new host name", "a new public address"],
)
def test_what_the_authority_may_not_sign_makes_a_new_authority(tmp_path: Path, names: Names) -> None:
    make(tmp_path)
    issued = make(tmp_path, names)
    assert issued.new_authority
    shake_hands(issued, issued.certificate, issued.key, names.hosts[0])
    shake_hands(issued, issued.certificate, issued.key, names.addresses[0])


def test_a_damaged_key_is_replaced(tmp_path: Path) -> None:
    issued = make(tmp_path)
    issued.key.write_bytes(b"")
    again = make(tmp_path)
    assert again.renewed
    shake_hands(again, again.certificate, again.key, "localhost")


def test_a_certificate_and_a_key_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    issued = make(tmp_path)
    with pytest.raises(Invalid) as caught:
        certificates.server_context(issued.ca, issued.key)
    assert caught.value.code == "certificate.unusable"


def test_the_apple_profile_carries_the_authority(tmp_path: Path) -> None:
    issued = make(tmp_path)
    profile = plistlib.loads(certificates.profile(issued.ca))
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == certificates.der(issued.ca)
    assert certificates.profile(issued.ca) == certificates.profile(issued.ca)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>x</title><script>document.title = isSecureContext</script>")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def secure_page(tmp_path: Path) -> Iterator[tuple[int, certificates.Issued]]:
    """A page on loopback, served with a fresh leaf."""
    issued = make(tmp_path)
    server = HTTPServer(("127.0.0.1", 0), Page)
    server.socket = certificates.server_context(issued.certificate, issued.key).wrap_socket(
        server.socket, server_side=True
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, issued
    server.shutdown()
    server.server_close()


def browse(chromium: Path, home: Path, url: str) -> str:
    """The page as Chromium shows it, with the trusted certificates of that home folder."""
    switches = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
    switches += [f"--user-data-dir={home}/profile", "--host-resolver-rules=MAP phonghop.local 127.0.0.1"]
    environment = {**os.environ, "HOME": str(home)}
    run = [str(chromium), *switches, url]
    return subprocess.run(run, env=environment, capture_output=True, text=True, timeout=60, check=False).stdout


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_chromium_opens_the_page_only_when_it_trusts_the_authority(
    chromium_path: Path,
    certutil_path: Path,
    secure_page: tuple[int, certificates.Issued],
    tmp_path: Path,
    trusted: bool,
) -> None:
    port, issued = secure_page
    store = f"sql:{tmp_path}/.pki/nssdb"
    (tmp_path / ".pki/nssdb").mkdir(parents=True)
    subprocess.run([certutil_path, "-N", "-d", store, "--empty-password"], check=True)
    if trusted:
        subprocess.run([certutil_path, "-A", "-d", store, "-n", "hopso", "-t", "C,,", "-i", issued.ca], check=True)
    shown = browse(chromium_path, tmp_path, f"https://phonghop.local:{port}/")
    assert ("<title>true</title>" in shown) == trusted
