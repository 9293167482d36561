# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real nginx on a loopback port of its own."""

import os
import shutil
import socket
import subprocess
import time

CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format sent '$status $body_bytes_sent "$http_range" "$http_if_range" $uri';
  access_log {folder}/access.log sent;
  types {{ application/octet-stream bin; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  server {{
    listen 127.0.0.1:{port}{ssl};
    {certificate}
    root {folder}/www;
    location /dav/ {{ dav_methods PUT DELETE; create_full_put_path on; client_max_body_size 0; }}
    location /small/ {{ dav_methods PUT; create_full_put_path on; client_max_body_size 1m; }}
    location /limited/ {{ alias {folder}/www/; limit_rate {rate}; }}
    location / {{ }}
  }}
}}
"""


class Nginx:
    """Serves `folder`/www as /, and the same at `rate` bytes/s as /limited/; below /dav/ and, up to a MiB, /small/ it
    takes what is PUT."""

    def __init__(self, folder, rate=20_000_000, certificate=None):
        self.folder = folder
        self.www = os.path.join(folder, "www")
        os.makedirs(self.www, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.origin = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        config = os.path.join(folder, "nginx.conf")
        lines = ""
        if certificate:
            lines = "ssl_certificate {}; ssl_certificate_key {};".format(*certificate)
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(CONFIG.format(
                folder=folder, port=self.port, rate=rate, ssl=" ssl" if certificate else "", certificate=lines,
                user="user root;" if os.geteuid() == 0 else ""))
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert program, "nginx is not installed"
        self._process = subprocess.Popen(
            [program, "-p", folder, "-e", os.path.join(folder, "error.log"), "-c", config],
            stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            assert self._process.poll() is None and time.monotonic() < deadline, "nginx did not start"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)

    def add(self, name, content):
        """Serves a Content under that name."""
        with open(os.path.join(self.www, name), "wb") as stream:
            for piece in content.chunks(0, content.size, 1 << 20):
                stream.write(piece)

    def log(self):
        """Answers so far: (status, bytes of body sent, range, if-range, path)."""
        with open(os.path.join(self.folder, "access.log"), encoding="utf-8") as stream:
            rows = [line.split('"') for line in stream]
        return [(int(row[0].split()[0]), int(row[0].split()[1]), row[1], row[3] if len(row) > 3 else "",
                 row[-1].strip()) for row in rows]

    def stop(self):
        """Ends it, its worker too."""
        self._process.terminate()
        self._process.wait(10)
