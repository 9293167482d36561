#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""show-last.py FERRY [SHA256]: what became of the newest download that `FERRY list` knows.

Exit status 1 where it did not complete, or where the file is not the one whose SHA-256 was given.
"""

import hashlib
import json
import subprocess
import sys


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def main(ferry, expected=""):
    listing = subprocess.run([ferry, "list", "--json"], check=True, capture_output=True, text=True)
    operations = json.loads(listing.stdout)
    if not operations:
        print("The service knows of no download.")
        return 1
    last = max(operations, key=lambda operation: operation["Created"])
    print(f"  state     {last['State']} {last['ErrorStatus']}".rstrip())
    print(f"  received  {last['BytesReceived']} bytes, back to the beginning {last['Restarts']} times")
    if last["State"] != "completed":
        print(f"  reason    {last['StateReason']}")
        return 1
    path = last["Destination"]
    found = sha256_of(path)
    print(f"  file      {path}")
    print(f"  SHA-256   {found}")
    if expected and found != expected:
        print(f"  but the server sent {expected}")
        return 1
    if expected:
        print("            which is what the server sent")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
