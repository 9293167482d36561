# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The HTTP server that misbehaves on purpose.

It is raw sockets and threads, so that it can break every rule. A URL's first path segment names the case that answers
(`ferrykit.cases.CASES`), the query sets what the case serves: `size`, `seed`, `rate` (bytes/s) and what a case likes.
It remembers every request with what became of it. It listens on two ports, which are two origins.
"""

import argparse
import dataclasses
import os
import select
import signal
import socket
import struct
import threading
import time
import urllib.parse

from ferrykit.content import Content

DEFAULT_SIZE = 300_000  # more than the 64 KiB that a weak resume compares, little enough for a hundred cases
HOLD_LIMIT = 60  # seconds a case stays silent at most: longer than any test waits
REASONS = {200: "OK", 206: "Partial Content", 404: "Not Found", 416: "Range Not Satisfiable"}


class Cut(Exception):
    """Ends the connection here."""


@dataclasses.dataclass
class Request:
    """One request and what it was answered with."""

    method: str
    target: str
    path: str
    query: dict
    headers: list  # (name, value) as received, in order
    hit: int  # the how manieth GET or HEAD of this path, from 1
    connection: int  # number of the connection it came over
    origin: int  # port it came to
    received: float  # time.monotonic ()
    status: int = 0  # 0: nothing was answered
    sent: int = 0  # bytes of body handed to the socket
    ended: str = "open"  # open, complete, cut, left (by the client)
    over: float = 0  # time.monotonic () of that

    def header(self, name, default=None):
        """The first value of a header, without regard to case."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    @property
    def first(self):
        """First byte asked for, or None without Range."""
        value = self.header("Range")
        if value is None or not value.startswith("bytes="):
            return None
        return int(value[len("bytes=") :].split("-")[0])

    @property
    def last(self):
        """Last byte asked for, or None for all there is."""
        value = self.header("Range") or "-"
        end = value.rsplit("-", 1)[1]
        return int(end) if end else None


class Exchange:
    """One request being answered: what a case works with."""

    def __init__(self, server, sock, request):
        self.server = server
        self.sock = sock
        self.request = request
        self.hit = request.hit
        self.size = int(request.query.get("size", DEFAULT_SIZE))
        self.rate = int(request.query.get("rate", 0))
        self.content = Content(self.size, int(request.query.get("seed", 1)))
        self.keep_alive = request.header("Connection", "").lower() != "close"

    def send(self, data, body=True):
        """Sends bytes; as fast as `rate` allows where they are body."""
        view = memoryview(data)
        step = max(1, min(1 << 16, self.rate // 20)) if body and self.rate else 1 << 20
        while view:
            piece = view[:step]
            self.sock.sendall(piece)
            view = view[step:]
            if body:
                self.request.sent += len(piece)
                if self.rate:
                    time.sleep(len(piece) / self.rate)

    def head(self, status, *lines, version="HTTP/1.1", reason=None):
        """Sends a status line and header lines as they are given."""
        self.request.status = status
        reason = REASONS.get(status, "Whatever") if reason is None else reason
        block = [f"{version} {status} {reason}", *lines, "", ""]
        self.send("\r\n".join(block).encode("utf-8", "surrogateescape"), body=False)

    def reply(self, status, *lines, body=b""):
        """A small whole answer."""
        self.head(status, *lines, f"Content-Length: {len(body)}")
        if self.request.method != "HEAD":
            self.send(body)

    def body(self, start, end, content=None):
        """Bytes from `start` up to `end` (not included) of the content."""
        for piece in (content or self.content).chunks(start, end):
            self.send(piece)

    def chunk(self, data):
        """One chunk of the chunked coding."""
        self.send(b"%x\r\n" % len(data), body=False)
        self.send(data)
        self.send(b"\r\n", body=False)

    def cut(self, reset=False):
        """Ends the connection, with RST where `reset`."""
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Cut()

    def hold(self):
        """Says nothing until the client goes."""
        deadline = time.monotonic() + HOLD_LIMIT
        while time.monotonic() < deadline and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.sock], [], [], 0.05)
            if readable and not self.sock.recv(4096):
                break
        raise Cut()

    def range_applies(self, etag, modified):
        """Whether Range counts: there is no If-Range, or it names this representation."""
        if self.request.first is None:
            return False
        condition = self.request.header("If-Range")
        return condition is None or condition in (etag, modified)

    def serve(self, etag='"v1"', modified=None, ranges=True, framing="length", cut_at=None, stall_at=None,
              reset=False, status=None, lines=(), content=None, version="HTTP/1.1", last=None):
        """A well-behaved answer, but for the knobs.

        `cut_at` and `stall_at` are offsets in the representation; `framing` is length, chunked, unended (chunked without
        its end) or close; `last` lets a 206 end early; `lines` are header lines in addition.
        """
        content = content or self.content
        start, end, part = 0, content.size, False
        if ranges and self.range_applies(etag, modified):
            start, part = self.request.first, True
            if start >= content.size:
                return self.reply(416, f"Content-Range: bytes */{content.size}", *lines)
            for limit in (self.request.last, last):
                if limit is not None:
                    end = min(end, limit + 1)
        head = [f"ETag: {etag}"] if etag else []
        head += [f"Last-Modified: {modified}", f"Date: {http_date()}"] if modified else []
        head += ["Accept-Ranges: bytes"] if ranges else []
        head += [f"Content-Range: bytes {start}-{end - 1}/{content.size}"] if part else []
        head += {"length": [f"Content-Length: {end - start}"], "close": ["Connection: close"]}.get(
            framing, ["Transfer-Encoding: chunked"])
        self.head(status or (206 if part else 200), *head, *lines, version=version)
        if self.request.method == "HEAD":
            return None
        self._stream(content, start, end, framing, cut_at, stall_at, reset)
        if framing == "close" or version == "HTTP/1.0":
            self.keep_alive = False
        return None

    def _stream(self, content, start, end, framing, cut_at, stall_at, reset):
        stops = [offset for offset in (cut_at, stall_at) if offset is not None and start <= offset < end]
        stop = min(stops, default=end)
        if framing in ("chunked", "unended"):
            for piece in content.chunks(start, stop, 10_000):
                self.chunk(piece)
        else:
            self.body(start, stop, content)
        if stops and stop == stall_at:
            self.hold()
        if stops or framing == "unended":
            self.cut(reset)
        if framing == "chunked":
            self.send(b"0\r\n\r\n", body=False)


def http_date(offset=0):
    """An HTTP date, so many seconds from now."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + offset))


class Server:
    """Listens on two loopback ports from construction to stop()."""

    def __init__(self, cases=None, tls=None, host="127.0.0.1"):
        if cases is None:
            from ferrykit.cases import CASES as cases
        self.cases = cases
        self.tls = tls
        self.host = host
        self.stopping = threading.Event()
        self.requests = []
        self.connections = 0
        self.failures = []  # exceptions of the cases themselves: a fixture fails on them
        self._hits = {}
        self._lock = threading.Lock()
        self._open = set()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listeners = [socket.create_server((host, 0), family=family, backlog=256) for _ in range(2)]
        self.port, self.other_port = (listener.getsockname()[1] for listener in self._listeners)
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    @property
    def origin(self):
        """Scheme, host and port, as in a URL."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    @property
    def other_origin(self):
        """The same server as another origin."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.other_port}"

    def url(self, case, name="file.bin", **query):
        """Where a case is to be had."""
        text = urllib.parse.urlencode(query)
        return f"{self.origin}/{case}/{name}" + (f"?{text}" if text else "")

    def requests_of(self, case, name=None):
        """What was asked for so far below a case, in order."""
        start = f"/{case}/{name or ''}"
        with self._lock:
            return [request for request in self.requests if request.path.startswith(start)]

    def most_at_once(self, slack=0.3):
        """How many requests were being answered at the same time; the last `slack` seconds of each are left aside,
        because it takes a while to notice that a client has gone."""
        now = time.monotonic()
        with self._lock:
            spans = [(request.received, (request.over or now) - slack) for request in self.requests]
        spans = [(begin, end) for begin, end in spans if end > begin]
        moments = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
        most = running = 0
        for _, change in moments:
            running += change
            most = max(most, running)
        return most

    def stop(self):
        """Closes everything."""
        self.stopping.set()
        for listener in self._listeners:
            listener.close()
        with self._lock:
            for sock in self._open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self, listener):
        while not self.stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
            port = listener.getsockname()[1] if listener.fileno() >= 0 else 0
            threading.Thread(target=self._connection, args=(sock, number, port), daemon=True).start()

    def _connection(self, sock, number, port):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            elif sock.recv(1, socket.MSG_PEEK) == b"\x16":
                return  # a TLS handshake (RFC 8446 section 5.1), which has lines only by chance
            with self._lock:
                self._open.add(sock)
            with sock.makefile("rb") as stream:
                while self._exchange(sock, stream, number, port):
                    pass
        except OSError:
            pass  # the client left, which is its right
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _exchange(self, sock, stream, number, port):
        """Answers one request; False where the connection is at its end."""
        request = self._read(stream, number, port)
        if request is None:
            return False
        exchange = Exchange(self, sock, request)
        name = request.path.split("/")[1]
        case = self.cases.get(name)
        try:
            if case is None:
                exchange.reply(404, body=b"no such case")
            else:
                getattr(case, "serve", case)(exchange)
            request.ended = "complete"
        except Cut:
            request.ended = "cut"
            return False
        except OSError:
            request.ended = "left"
            return False
        except Exception as failure:  # a broken case, not a broken client
            self.failures.append((name, failure))
            raise OSError(str(failure)) from failure
        finally:
            request.over = time.monotonic()
        return exchange.keep_alive

    def _read(self, stream, number, port):
        line = stream.readline(1 << 16).decode("latin-1").rstrip("\r\n")
        if not line:
            return None
        method, target, _ = line.split(" ", 2)
        headers = []
        while header := stream.readline(1 << 16).decode("latin-1").rstrip("\r\n"):
            name, _, value = header.partition(":")
            headers.append((name, value.strip()))
        parts = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            hit = self._hits[parts.path] = self._hits.get(parts.path, 0) + 1
            request = Request(method, target, parts.path, query, headers, hit, number, port, time.monotonic())
            self.requests.append(request)
        length = int(request.header("Content-Length", 0))
        if length:
            stream.read(length)
        return request


def main():
    parser = argparse.ArgumentParser(description="Serve the cases until SIGTERM.")
    parser.add_argument("--announce", metavar="FILE", help="write the origin there when it listens")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = Server()
    if arguments.announce:
        with open(arguments.announce + ".new", "w", encoding="utf-8") as stream:
            stream.write(server.origin)
        os.rename(arguments.announce + ".new", arguments.announce)
    else:
        print(server.origin, flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
