# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real proxies on loopback ports of their own: tinyproxy and microsocks."""

import os
import shutil
import socket
import socketserver
import subprocess
import threading
import time


def free_port():
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Proxy:
    """Runs from construction to stop()."""

    scheme = None

    def __init__(self, folder, credential=None):
        self.port = free_port()
        self.credential = credential
        self.log = os.path.join(folder, f"{self.scheme}-{self.port}.log")
        self.process = None
        self.start(folder)

    @property
    def uri(self):
        """What the option `proxy` takes."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def arguments(self, folder):
        """What is run."""
        raise NotImplementedError

    def start(self, folder):
        """Starts it and waits until it listens."""
        program, *arguments = self.arguments(folder)
        path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert path, f"{program} is not installed"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([path, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, f"{program} did not start"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)

    def stop(self):
        """Ends it with every connection through it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)

    def read_log(self):
        """What it wrote."""
        with open(self.log, encoding="utf-8", errors="replace") as stream:
            return stream.read()


class Tinyproxy(Proxy):
    """An HTTP proxy that lets CONNECT pass to every port."""

    scheme = "http"

    def arguments(self, folder):
        config = os.path.join(folder, f"tinyproxy-{self.port}.conf")
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 50", "LogLevel Connect"]
        if self.credential:
            lines.append("BasicAuth {} {}".format(*self.credential))
        with open(config, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
        return ["tinyproxy", "-d", "-c", config]


class Microsocks(Proxy):
    """A SOCKS5 proxy."""

    scheme = "socks5"

    def arguments(self, folder):
        login = ["-u", self.credential[0], "-P", self.credential[1]] if self.credential else []
        return ["microsocks", "-i", "127.0.0.1", "-p", str(self.port), *login]


class _Refusal(socketserver.StreamRequestHandler):
    """One connection to a BadProxy."""

    def handle(self):
        lines = []
        while line := self.rfile.readline(1 << 16).decode("latin-1").strip():
            lines.append(line)
        if lines:
            self.server.heads.append(lines)
            self.wfile.write(self.server.answer)


class BadProxy(socketserver.ThreadingTCPServer):
    """An HTTP proxy that gives one answer to everything and closes the connection."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.answer = answer
        self.heads = []  # the lines of each request
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def uri(self):
        """What the option `proxy` takes."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self):
        """Ends it."""
        self.shutdown()
        self.server_close()
