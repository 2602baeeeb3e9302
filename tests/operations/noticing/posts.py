"""Where notices arrive in tests: a mail server, and the hosts of chat and paging services, all on this machine.

Apprise's plug-ins for these services post to fixed hosts. They go through a proxy of ours that answers for each host
itself, over TLS with a certificate of ours: nothing of the program or of Apprise is patched.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

APPRISE_LOADS = "ignore:'imghdr' is deprecated:DeprecationWarning"
"""For ``filterwarnings``: a module that Apprise loads as long as Python has it."""
HOSTS = ("hooks.slack.com", "discord.com", "events.pagerduty.com", "prod-161.westeurope.logic.azure.com")
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
DISCORD = "discord://417429632418316298/JHZ7lQml277CDHmQKMHI8qBe7bk2ZwO5UKjCiOAF7711o33MyqU344Qpgv7YTpadV"
PAGERDUTY = "pagerduty://A1BRTD4JDTIiajkdnlazkcO@TIiajkdnlazkcOXrIdevi7A1?action=map&dedup=census"
TEAMS = "workflows://prod-161.westeurope.logic.azure.com:443/643e69f83c8944/signature0123456789"


@dataclass(frozen=True)
class Posted:
    """One request to a service."""

    host: str
    path: str
    body: bytes

    @property
    def json(self) -> Any:
        """Its payload."""
        return json.loads(self.body)


@dataclass
class Services:
    """What came to which host, and with which statuses to answer: each once, then 200."""

    environment: dict[str, str]
    got: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@contextmanager
def services(folder: Path) -> Iterator[Services]:
    """The services until the end of the block, for programs and requests with this ``environment``."""
    authority, context = _tls(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.host = self.path.partition(":")[0]
            self.send_response(200)
            self.end_headers()
            inner = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = inner.makefile("rb"), inner.makefile("wb")
            self.handle_one_request()
            inner.close()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(Posted(self.host, self.path, body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("Content-Length", "2")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"ok")
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        environment = {
            "HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}",
            "REQUESTS_CA_BUNDLE": str(authority),
            "NO_PROXY": "",
        }
        found = Services(environment)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Mailbox:
    """A mail server, and the messages that it took."""

    url: str = ""
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.got.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(envelope.content))
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server until the end of the block."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        box.url = f"smtp://127.0.0.1:{port}"
        yield box
    finally:
        controller.stop()


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _tls(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for all hosts, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, private = folder / "authority.pem", folder / "key.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, private)
    return authority, context
