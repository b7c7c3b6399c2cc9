"""A private Dovecot 2.3 for tests: a child process with its own configuration in its own folder.

It needs no rights. Started by root, which Dovecot refuses to serve mail as, it drops to nobody.
"""

import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE = 20.0  # seconds in which it must answer or end

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server; every user name is right, and so is the one password."""

    folder: Path
    starttls_port: int
    tls_port: int
    user: str
    password: str

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def put(self, raw: bytes, mailbox: str = "INBOX") -> None:
        """Append a mail to the mailbox, which comes into being where it is missing."""
        with self.connection() as connection:
            connection.create(mailbox)
            status, said = connection.append(
                mailbox, "", imaplib.Time2Internaldate(time.time()), raw
            )
            assert status == "OK", said

    def flags(self) -> list[bytes]:
        """The flags of every mail in the inbox, as the server writes them."""
        with self.connection() as connection:
            connection.select(readonly=True)
            return [
                line for line in connection.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)
            ]

    def renumber(self) -> None:
        """Give every mail a new UID under a new UIDVALIDITY, as after a restore."""
        numbers = self.folder / "mail" / "dovecot-uidlist"
        validity = re.search(r" V(\d+) ", numbers.read_text())
        assert validity
        numbers.write_text(f"3 V{int(validity[1]) + 1000} N1\n")

    @contextmanager
    def connection(self) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = imaplib.IMAP4_SSL("localhost", self.tls_port, ssl_context=context, timeout=10)
        try:
            connection.login(self.user, self.password)
            yield connection
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()


def program() -> str | None:
    """Where Dovecot 2.3 is, or None: 2.4 speaks another configuration language."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    return found if version.stdout.startswith("2.3.") else None


@contextmanager
def running(user: str, password: str) -> Iterator[Dovecot]:
    """Run a server until the block ends."""
    found = program()
    assert found, "ask whether dovecot is there before starting it"
    # Not pytest's own folder: nobody must reach it, and socket paths must stay short.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        server = Dovecot(folder, free_port(), free_port(), user, password)
        _prepare(server)
        yield from _run(found, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(server: Dovecot) -> None:
    is_root = os.geteuid() == 0
    person = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.geteuid())
    server.folder.chmod(0o755)
    write_certificate(server.certificate, server.folder / "key.pem")
    for name in ("mail", "home"):
        (server.folder / name).mkdir()
        os.chown(server.folder / name, person.pw_uid, person.pw_gid)
    text = CONFIGURATION.format(
        folder=server.folder,
        user=person.pw_name,
        group=grp.getgrgid(person.pw_gid).gr_name,
        password=server.password,
        starttls_port=server.starttls_port,
        tls_port=server.tls_port,
    )
    (server.folder / "dovecot.conf").write_text(text)


def _run(found: str, server: Dovecot) -> Iterator[Dovecot]:
    process = subprocess.Popen([found, "-F", "-c", str(server.folder / "dovecot.conf")])
    try:
        _wait_until_it_answers(process, server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _wait_until_it_answers(process: subprocess.Popen[bytes], server: Dovecot) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, imaplib.IMAP4.error), server.connection():
            return
        log = server.folder / "log"
        told = log.read_text() if log.exists() else "no log"
        assert process.poll() is None, f"dovecot ended: {told}"
        assert time.monotonic() < until, f"dovecot does not answer: {told}"
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_certificate(certificate: Path, key: Path) -> None:
    """Write a certificate for localhost that signs itself, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
