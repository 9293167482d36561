# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real vsftpd on a loopback port of its own, which needs no privileges."""

import os
import shutil
import signal
import socket
import subprocess
import time

from .proxies import free_port

USER = ("ftp", "hunter2")

# Who has to give a password is the same anonymous user to it: others would take root and the machine's users.
CONFIG = """
background=NO
listen=YES
listen_address=127.0.0.1
listen_port={port}
run_as_launching_user=YES
secure_chroot_dir={folder}/empty
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
pasv_enable=YES
port_enable=NO
use_localtime=NO
anonymous_enable=YES
anon_root={www}
no_anon_password={open}
secure_email_list_enable={closed}
email_password_file={folder}/passwords
xferlog_enable=YES
log_ftp_protocol=YES
vsftpd_log_file={folder}/vsftpd.log
anon_max_rate={rate}
{tls}
"""

TLS = """
ssl_enable=YES
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
ssl_tlsv1=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file={}
rsa_private_key_file={}
"""


class Vsftpd:
    """Serves `folder`/www, at `rate` bytes/s at most. With `password` only to USER."""

    def __init__(self, folder, rate=0, certificate=None, password=False):
        self.folder = folder
        self.www = os.path.join(folder, "www")
        self.port = free_port()
        self.origin = f"ftp://127.0.0.1:{self.port}"
        self.process = None
        os.makedirs(self.www, exist_ok=True)
        os.makedirs(self._path("empty"), exist_ok=True)
        self._write("passwords", USER[1] + "\n")
        self._write("vsftpd.conf", CONFIG.format(
            folder=folder, www=self.www, port=self.port, rate=rate, open="NO" if password else "YES",
            closed="YES" if password else "NO", tls=TLS.format(*certificate) if certificate else ""))
        self.start()

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def start(self):
        """Starts it and waits until it listens."""
        program = shutil.which("vsftpd", path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert program, "vsftpd is not installed"
        self.process = subprocess.Popen([program, self._path("vsftpd.conf")], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, "vsftpd did not start"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)

    def sessions(self, pid=None):
        """Processes that serve somebody."""
        pid = pid or self.process.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
                children = [int(child) for child in stream.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            return []
        return [*children, *(more for child in children for more in self.sessions(child))]

    def drop(self):
        """Ends every session, data connection and all, as a server that crashes."""
        self._signal_sessions(signal.SIGKILL)

    def _signal_sessions(self, number):
        for pid in self.sessions():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def freeze(self, sessions=False):
        """Serves nobody new any more, although connections are still made; with `sessions` nobody at all."""
        self.process.send_signal(signal.SIGSTOP)
        if sessions:
            self._signal_sessions(signal.SIGSTOP)

    def thaw(self):
        """The end of that."""
        self._signal_sessions(signal.SIGCONT)
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends it with every session."""
        self.freeze()
        self.drop()
        self.process.kill()
        self.process.wait(20)

    def add(self, name, content, modified=None):
        """Serves a Content under that name."""
        path = os.path.join(self.www, name)
        with open(path, "wb") as stream:
            for piece in content.chunks(0, content.size, 1 << 20):
                stream.write(piece)
        os.chmod(path, 0o644)
        if modified is not None:
            os.utime(path, (modified, modified))

    def url(self, name):
        """Of a file."""
        return f"{self.origin}/{name}"

    def commands(self):
        """What clients have said."""
        try:
            with open(self._path("vsftpd.log"), encoding="utf-8", errors="replace") as stream:
                return [line.split('"')[-2] for line in stream if "FTP command:" in line]
        except FileNotFoundError:
            return []
