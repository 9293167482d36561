# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An FTP server that knows only what it is told to know, for what no real one can be made to do."""

import socketserver
import threading

PIECE = 64 * 1024
ALWAYS = {"USER": "331 Password?", "PASS": "230 Welcome.", "PWD": '257 "/"', "CWD": "250 Yes.", "TYPE": "200 Yes."}


class _Session(socketserver.StreamRequestHandler):
    """One control connection."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.first = 0
        self.listener = None
        self.say("220 Here.")
        while True:
            line = self.rfile.readline(4096).decode().strip()
            if not line:
                break
            self.server.commands.append(line)
            verb, _, argument = line.partition(" ")
            if verb == "QUIT":
                self.say("221 Bye.")
                break
            self.answer(verb, argument)
        if self.listener:
            self.listener.close()

    def answer(self, verb, argument):
        server = self.server
        if verb in ALWAYS:
            self.say(ALWAYS[verb])
        elif verb not in server.knows:
            self.say("502 Never heard of it.")
        elif verb == "EPSV":
            self.listener = socketserver.socket.create_server(("127.0.0.1", 0))
            self.say(f"229 Entering Extended Passive Mode (|||{self.listener.getsockname()[1]}|)")
        elif verb == "PASV":
            self.listener = socketserver.socket.create_server(("127.0.0.1", 0))
            port = self.listener.getsockname()[1]
            # An address that is not the server's own, which nobody should go to.
            self.say(f"227 Entering Passive Mode (203,0,113,1,{port >> 8},{port & 255})")
        elif verb == "SIZE":
            self.say(f"213 {server.content.size}")
        elif verb == "MDTM":
            self.say(f"213 {server.modified}")
        elif verb == "REST":
            self.first = int(argument)
            self.say("350 From there.")
        else:
            self.send()

    def send(self):
        server = self.server
        end = server.content.size
        cut = server.cuts.pop(0) if server.cuts else None
        if cut is not None:
            end = min(end, self.first + cut)
        self.say("150 Here it comes.")
        data, _ = self.listener.accept()
        with data:
            try:
                for piece in server.content.chunks(self.first, end, PIECE):
                    data.sendall(piece)
            except OSError:
                return
        self.first = 0
        self.say("226 That was all." if cut is None else "426 The data connection broke.")


class MeagreFtp(socketserver.ThreadingTCPServer):
    """Serves `content` under every name. Of SIZE, MDTM, REST, EPSV and PASV it knows `knows`; `cuts` are the bytes
    after which the data connections, one after the other, break while the control connection stays."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, content, knows="SIZE MDTM REST EPSV", cuts=()):
        super().__init__(("127.0.0.1", 0), _Session)
        self.content = content
        self.knows = {"RETR", *knows.split()}
        self.cuts = list(cuts)
        self.modified = "20231114221320"
        self.commands = []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def url(self, name):
        """Of a file."""
        return f"ftp://127.0.0.1:{self.server_address[1]}/{name}"

    def stop(self):
        """Ends it."""
        self.shutdown()
        self.thread.join()
        self.server_close()
