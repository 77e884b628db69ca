"""TCP servers for tests: one handler per connection, everything received is kept."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Handler = Callable[["Conversation"], None]


class Conversation:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock = sock
        self.closing = closing
        self.received = b""
        self.sent = 0

    def read_request(self) -> bytes:
        """Read a request with its Content-Length body."""
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = next((int(v) for k, v in _fields(head) if k == b"content-length"), 0)
        while len(body) < length:
            self._more()
            body = self.received.partition(b"\r\n\r\n")[2]
        return self.received

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)
        self.sent += len(data)

    def drip(self, data: bytes, pause: float) -> None:
        for byte in data:
            self.send(bytes([byte]))
            self.closing.wait(pause)

    def forever(self, data: bytes) -> None:
        while not self.closing.is_set():
            self.send(data)

    def hold(self) -> None:
        """Keep the connection open until the test ends."""
        self.closing.wait(30)

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("closed")
        self.received += data


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = head.split(b"\r\n")[1:]
    return [(k.lower(), v.strip()) for k, _, v in (line.partition(b":") for line in lines)]


class Listener:
    """A server on loopback. `requests` holds what each connection sent."""

    def __init__(self, handler: Handler, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None):
        self._handler, self._tls = handler, tls
        self._closing = threading.Event()
        self.conversations: list[Conversation] = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._server = socket.create_server((address, port), family=family)
        self.port: int = self._server.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def requests(self) -> list[bytes]:
        return [conversation.received for conversation in self.conversations]

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._server.accept()
            except OSError:
                return
            sock.settimeout(5)
            thread = threading.Thread(target=self._converse, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _converse(self, sock: socket.socket) -> None:
        conversation = Conversation(sock, self._closing)
        self.conversations.append(conversation)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(lambda: conversation.sock.close())
            if self._tls:
                conversation.sock = self._tls.wrap_socket(sock, server_side=True)
            self._handler(conversation)


class Canary:
    """Listens on one port of all addresses of this machine and counts connections and bytes."""

    def __init__(self, addresses: tuple[str, ...] = ("0.0.0.0", "::")) -> None:
        self.connections = 0
        self.heard = b""
        self._servers = [socket.create_server((addresses[0], 0))]
        self.port: int = self._servers[0].getsockname()[1]
        for address in addresses[1:]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            self._servers.append(socket.create_server((address, self.port), family=family))
        self._threads = [threading.Thread(target=self._listen, args=(s,), daemon=True) for s in self._servers]
        for thread in self._threads:
            thread.start()

    @property
    def is_silent(self) -> bool:
        return self.connections == 0 and self.heard == b""

    def close(self) -> None:
        for server in self._servers:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _listen(self, server: socket.socket) -> None:
        while True:
            try:
                sock, _ = server.accept()
            except OSError:
                return
            self.connections += 1
            with contextlib.suppress(OSError), sock:
                sock.settimeout(1)
                self.heard += sock.recv(65536)


class Authority:
    """A certificate authority of our own, and server contexts with certificates from it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        self._root = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None))

    def client_context(self) -> ssl.SSLContext:
        """Trusts this authority and no other."""
        pem = self._root.public_bytes(serialization.Encoding.PEM).decode()
        context = ssl.create_default_context(cadata=pem)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def server_context(self, host: str, *, expired: bool = False, self_signed: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([_general_name(host)])
        certificate = self._sign(subject, key, names, expired=expired, self_signed=self_signed)
        path = self._folder / f"{host.replace(':', '_')}-{expired}-{self_signed}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        expired: bool = False,
        self_signed: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now - timedelta(days=1) if expired else now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        )
        return builder.sign(key if self_signed else self._key, hashes.SHA256())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
