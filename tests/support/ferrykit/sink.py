# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server that is uploaded to. It stores bytes, and can lose a connection, a reply, or forget an upload.

Raw sockets and threads. The query of a request says what goes wrong with it: `cut=N` (the connection after N bytes of
the body), `mute=1` (no reply), `drop=1` (the connection ends in its place), `status=N`, `after=1` (that comes when the
body has come), `retry=S` (Retry-After), `early=N` (a reply after N bytes of the body), `reset=1` (the connection after
an early reply), `discard=1` (what comes is counted and not stored), `to=PATH` (Location, for redirects; `self`: the
same again), `reply=N` (bytes of the answer), `rate=N` (bytes/s); each of them only the first `times` (1) times for a
target, 0: always.
"""

import base64
import dataclasses
import hashlib
import os
import select
import socket
import struct
import threading
import time
import urllib.parse

HOLD_LIMIT = 60  # seconds of silence at most: longer than any test waits
SCRATCH = bytearray(1 << 24)
REASONS = {100: "Continue", 104: "Upload Resumption Supported", 200: "OK", 201: "Created", 204: "No Content"}


class Gone(Exception):
    """The connection ends here."""


@dataclasses.dataclass
class Upload:
    """One request, and what has come of its body."""

    method: str
    target: str
    headers: list
    length: int
    path: str = ""  # of the file with what has come
    got: int = 0
    whole: bool = False
    status: int = 0
    connection: int = 0
    broken: bool = False  # its connection ended before its body

    def header(self, name, default=None):
        """The first value of a header, without regard to case."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def body(self):
        """The bytes that have come."""
        with open(self.path, "rb") as stream:
            return stream.read()


@dataclasses.dataclass
class Resource:
    """An upload that can go on: what tus and IETF servers keep."""

    path: str
    length: int = -1
    complete: bool = False
    target: str = ""
    generation: int = 0  # of who asked last: nobody else's bytes are stored any more
    lock: object = dataclasses.field(default_factory=threading.Lock)


class Sink:
    """The server. `protocols` is what it can: any of "tus" and "http"."""

    def __init__(self, folder, protocols=(), context=None, expects=True):
        self.folder = folder
        self.protocols = protocols
        self.context = context
        self.expects = expects  # answers Expect: 100-continue
        self.uploads = []
        self.resources = {}
        self.received = 0  # bytes of bodies, all together
        self.hits = {}
        self.failures = []
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.origin = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self.connections = 0
        self.made = 0  # uploads that were begun
        self.guard = None  # a case of ferrykit.auth that every plain upload has to pass
        self.rate = 0  # bytes/s of every body that no query speaks of
        self.max_append = 0  # bytes that a request may bring at most (IETF), 0 for any number
        self.says_limit = True  # when it is asked what it can
        self.fails_when_complete = 0  # status of what comes of an IETF upload
        self.checks = True  # a tus server with the checksum extension
        self.answers_options = True
        self.unsure = False  # of the last byte of IETF uploads it does not know that it is the last
        self.forgets = False  # what was begun, at once
        self.spoil_next_patch = False  # what comes is not what was sent
        self.cut_next_patch = None  # bytes after which the connection of the next PATCH is lost
        self.mute_next_patch = False  # the last one is not answered
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Ends everything."""
        self.stopping.set()
        self.socket.close()

    def url(self, path="up", **query):
        """A URL that answers as the query says."""
        return f"{self.origin}/{path}" + ("?" + urllib.parse.urlencode(query) if query else "")

    def of(self, method):
        """The requests with that method."""
        return [upload for upload in self.uploads if upload.method == method]

    def forget(self):
        """Every upload that was begun is gone."""
        with self.lock:
            self.resources.clear()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock, number):
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            conversation = Conversation(self, sock, number)
            while conversation.one():
                pass
        except (Gone, OSError):
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(repr(error))
        finally:
            sock.close()


class Gate:
    """What a case of ferrykit.auth sees of an upload."""

    def __init__(self, upload):
        self.request = upload
        self.refusal = None

    def serve(self, **_):
        """It may pass."""

    def reply(self, status, *lines, body=b""):
        """It may not."""
        self.refusal = (status, lines, body)


class Conversation:
    """One connection."""

    def __init__(self, sink, sock, number):
        self.sink = sink
        self.sock = sock
        self.number = number
        self.rest = b""

    def _read(self, size):
        if self.rest:
            data, self.rest = self.rest[:size], self.rest[size:]
            return data
        return self.sock.recv(size)

    def _skip(self, size):
        """Takes bytes that nobody looks at, without a copy; how many."""
        if self.rest:
            return len(self._read(size))
        return self.sock.recv_into(SCRATCH, min(size, len(SCRATCH)), socket.MSG_TRUNC)

    def _head(self):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self._read(1 << 16)
            if not piece:
                raise Gone()
            data += piece
        head, self.rest = data.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        method, target, _ = first.split(" ", 2)
        return method, target, [tuple(line.split(": ", 1)) for line in lines]

    def send(self, status, *lines, body=b""):
        """A response; interim ones have no body."""
        head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}", *lines]
        if status >= 200 and status != 204:
            head.append(f"Content-Length: {len(body)}")
        self.sock.sendall("\r\n".join([*head, "", ""]).encode())
        if status >= 200 and not self.is_head:
            self.sock.sendall(body)

    def one(self):
        """One request."""
        method, target, headers = self._head()
        self.is_head = method == "HEAD"
        fields = {key.lower(): value for key, value in headers}
        upload = Upload(method, target, headers, int(fields.get("content-length", 0)), connection=self.number)
        with self.sink.lock:
            upload.path = os.path.join(self.sink.folder, f"upload-{len(self.sink.uploads)}")
            if method != "OPTIONS" or self.sink.protocols:  # who knows neither notes no question
                self.sink.uploads.append(upload)
            hit = self.sink.hits[target] = self.sink.hits.get(target, 0) + (method != "OPTIONS")
        parts = urllib.parse.urlsplit(target)
        query = {key: values[0] for key, values in urllib.parse.parse_qs(parts.query).items()}
        times = int(query.pop("times", 1))
        if times and hit > times:
            query = {key: value for key, value in query.items() if key in ("rate", "reply")}
        self.query = query
        self.upload = upload
        if method == "OPTIONS":
            self.options()
            return True
        if parts.path.startswith("/resource/"):
            self.resource(parts.path, fields)
            return True
        if "tus" in self.sink.protocols and method == "POST" and "tus-resumable" in fields:
            self.tus_create(parts.path, fields)
            return True
        return self.plain(parts.path, fields)

    def options(self):
        """What the server says it can."""
        lines = []
        if not self.sink.answers_options:
            self.cut()
        if "tus" in self.sink.protocols:
            lines += ["Tus-Resumable: 1.0.0", "Tus-Version: 1.0.0,0.2.2",
                      f"Tus-Extension: creation{',checksum' if self.sink.checks else ''},expiration",
                      "Tus-Checksum-Algorithm: md5,sha1"]
        if "http" in self.sink.protocols:
            lines.append("Accept-Patch: */*, application/partial-upload")
            if self.sink.says_limit:
                lines.append(self.limit())
        self.reply(204 if lines else 405, *lines)

    def limit(self):
        """What an IETF server takes."""
        size = self.sink.max_append
        return "Upload-Limit: min-size=0" + (f", max-append-size={size}" if size else "")

    def reply(self, status, *lines, body=b""):
        """The final response."""
        self.upload.status = status
        self.send(status, *lines, body=body)

    def wait(self):
        """Says nothing until the client goes."""
        deadline = time.monotonic() + HOLD_LIMIT
        while time.monotonic() < deadline and not self.sink.stopping.is_set():
            readable, _, _ = select.select([self.sock], [], [], 0.05)
            if readable and not self.sock.recv(4096):
                break
        raise Gone()

    def cut(self):
        """Aborts the connection."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone()

    def take(self, length, store, digest=None, made=None):
        """Reads a body into a file; whether it came to its end. Ends when somebody else asks for what is `made`."""
        generation = made.generation if made else 0
        limit = int(self.query["cut"]) if "cut" in self.query else None
        early = int(self.query["early"]) if "early" in self.query else None
        rate = int(self.query.get("rate", self.sink.rate))
        got = 0
        while got < length:
            size = min(1 << 20 if not rate else max(1, rate // 20), length - got)
            for stop in (limit, early):
                if stop is not None:
                    size = min(size, stop - got)
            if size == 0 and early is not None and got == early:
                return False
            if size == 0:
                store.flush()
                self.cut()
            try:
                data = self._read(size) if "discard" not in self.query else self._skip(length - got)
            except ConnectionError:
                data = b""
            if not data:
                store.flush()
                self.upload.broken = True
                raise Gone()
            if "discard" in self.query:
                got += data
                self.upload.got += data
                continue
            with made.lock if made else self.sink.lock:
                if made and made.generation != generation:
                    raise Gone()
                store.write(data)
                store.flush()
            if digest:
                digest.update(data)
            got += len(data)
            self.upload.got += len(data)
            with self.sink.lock:
                self.sink.received += len(data)
            if rate:
                time.sleep(len(data) / rate)
        return True

    def expect(self, fields):
        """Says that the body may come, if that is asked."""
        if fields.get("expect") == "100-continue" and self.sink.expects:
            self.send(100)

    def plain(self, path, fields):
        """An upload as everybody knows it, or the beginning of one by IETF rules."""
        upload = self.upload
        if self.sink.guard and self.refuse(fields):
            return fields.get("expect") != "100-continue"
        resumable = "http" in self.sink.protocols and "upload-complete" in fields
        if "status" in self.query and "early" not in self.query and "after" not in self.query:
            self.reply(int(self.query["status"]), *self.lines(), body=b"refused")
            return self.drain(fields)
        if resumable:
            return self.ietf_create(path, fields)
        self.expect(fields)
        with open(os.devnull if "discard" in self.query else upload.path, "wb") as store:
            upload.whole = self.take(upload.length, store)
        if "mute" in self.query:
            self.wait()
        if "drop" in self.query:
            self.cut()
        if "status" in self.query:
            self.reply(int(self.query["status"]), *self.lines(), body=b"refused")
            if "reset" in self.query:
                self.cut()
            return upload.whole or self.drain(fields)
        body = b"r" * int(self.query["reply"]) if "reply" in self.query else f"got {upload.got}".encode()
        self.reply(201, *self.lines(), body=body)
        return True

    def refuse(self, fields):
        """Lets the guard decide; whether it has refused. A body that comes anyway is read first."""
        gate = Gate(self.upload)
        self.sink.guard(gate)
        if not gate.refusal:
            return False
        if fields.get("expect") != "100-continue":
            with open(self.upload.path, "wb") as store:
                self.upload.whole = self.take(self.upload.length, store)
        status, lines, body = gate.refusal
        self.reply(status, *lines, body=body)
        return True

    def lines(self):
        """Header lines of the response that the query asks for."""
        lines = []
        if "to" in self.query:
            lines.append(f"Location: {self.query['to'] if self.query['to'] != 'self' else self.upload.target}")
        if "retry" in self.query:
            lines.append(f"Retry-After: {self.query['retry']}")
        return lines

    def drain(self, fields):
        """Reads what still comes of a body that was refused."""
        if fields.get("expect") == "100-continue" and self.upload.got == 0:
            return False
        left = self.upload.length - self.upload.got
        while left > 0:
            data = self._read(min(left, 1 << 20))
            if not data:
                return False
            left -= len(data)
        return True

    # IETF resumable uploads

    def new_resource(self, length, path):
        """An upload that can go on."""
        with self.sink.lock:
            self.sink.made += 1
            name = f"/resource/{self.sink.made}"
            made = Resource(os.path.join(self.sink.folder, f"resource-{self.sink.made}"), length, target=path)
            open(made.path, "wb").close()
            if not self.sink.forgets:
                self.sink.resources[name] = made
        return name, made

    def ietf_create(self, path, fields):
        """Upload creation: 104 with Location first."""
        complete = fields["upload-complete"] == "?1"
        if self.sink.max_append and self.upload.length > self.sink.max_append:
            if self.sink.says_limit:
                self.sink.failures.append(f"{self.upload.length} bytes at once")
            self.reply(413, self.limit())
            self.drain(fields)
            raise Gone()
        name, made = self.new_resource(int(fields["upload-length"]), path)
        self.send(104, f"Location: {self.sink.origin}{name}", "Upload-Draft-Interop-Version: 9")
        self.expect(fields)
        with open(made.path, "ab") as store:
            self.upload.whole = self.take(self.upload.length, store, made=made)
        self.ietf_end(made, complete)
        return True

    def ietf_end(self, made, complete):
        """Everything that came is stored."""
        made.complete = complete and not self.sink.unsure
        if "mute" in self.query:
            self.wait()
        size = os.path.getsize(made.path)
        if complete and self.sink.fails_when_complete:
            self.reply(self.sink.fails_when_complete, "Upload-Complete: ?1", body=b"no picture")
            return
        if complete and size != made.length:
            self.sink.failures.append(f"complete with {size} of {made.length} bytes")
        self.reply(201 if complete else 204, f"Upload-Complete: ?{int(complete)}", f"Upload-Offset: {size}",
                   body=b"stored" if complete else b"")

    def resource(self, path, fields):
        """HEAD and PATCH of an upload that was begun, of both protocols."""
        made = self.sink.resources.get(path)
        tus = "tus-resumable" in fields
        common = ["Tus-Resumable: 1.0.0"] if tus else []
        if "status" in self.query:
            self.reply(int(self.query["status"]), *self.lines())
            return
        if made is None:
            self.reply(404, *common)
            return
        with made.lock:
            made.generation += 1
            self.generation = made.generation
            size = os.path.getsize(made.path)
        if self.upload.method == "HEAD":
            if tus:
                common += [f"Upload-Length: {made.length}", "Cache-Control: no-store"]
                self.reply(200, *common, f"Upload-Offset: {size}")
            else:
                self.reply(204, f"Upload-Offset: {size}", f"Upload-Complete: ?{int(made.complete)}",
                           f"Upload-Length: {made.length}", self.limit(), "Cache-Control: no-store")
            return
        if int(fields["upload-offset"]) != size:
            self.reply(409, *common, f"Upload-Offset: {size}")
            self.drain(fields)
            return
        if self.sink.cut_next_patch:
            self.query["cut"], self.sink.cut_next_patch = self.sink.cut_next_patch, None
        if self.sink.mute_next_patch and size + self.upload.length == made.length:
            self.query["mute"], self.sink.mute_next_patch = "1", False
        self.expect(fields)
        checksum = fields.get("upload-checksum") if self.sink.checks else None
        digest = hashlib.sha1() if checksum else None
        if not tus and self.sink.max_append and self.upload.length > self.sink.max_append:
            self.sink.failures.append(f"{self.upload.length} bytes at once")
        try:
            with open(made.path, "ab") as store:
                self.upload.whole = self.take(self.upload.length, store, digest, made)
        except (Gone, OSError):
            if checksum:  # what cannot be checked is not kept
                self.discard(made, size)
            raise
        if digest and self.sink.spoil_next_patch:
            self.sink.spoil_next_patch = False
            digest.update(b"spoilt")
        if digest and base64.b64encode(digest.digest()).decode() != checksum.split(" ")[1]:
            self.discard(made, size)
            self.reply(460, *common)
            return
        if not tus:
            self.ietf_end(made, fields["upload-complete"] == "?1")
            return
        size = os.path.getsize(made.path)
        made.complete = size == made.length
        if "mute" in self.query:
            self.wait()
        self.reply(204, *common, f"Upload-Offset: {size}")

    # tus

    def discard(self, made, size):
        """Forgets what came behind so many bytes, unless somebody else has gone on from there."""
        with made.lock:
            if made.generation == self.generation:
                os.truncate(made.path, size)

    def tus_create(self, path, fields):
        """The creation extension."""
        name, _ = self.new_resource(int(fields["upload-length"]), path)
        if self.upload.length:
            self.drain(fields)
        self.reply(201, "Tus-Resumable: 1.0.0", f"Location: {self.sink.origin}{name}",
                   "Upload-Expires: Wed, 25 Jun 2098 16:00:00 GMT")
