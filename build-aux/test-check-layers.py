#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves that check-layers.py can fail: a small tree that is right, then with one thing wrong at a time."""

import os
import subprocess
import sys
import tempfile

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check-layers.py")
SPDX = ("/* SPDX-FileCopyrightText: 2026 The Ferry authors\n"
        " * SPDX-License-Identifier: LGPL-2.1-or-later\n */\n")

# Includes that are right, each to be found so.
GOOD = {
    "introspection/ferry-names.h": "",
    "introspection/ferry-options.h": '#include <gio/gio.h>\n',
    "service/engine/ferryd-clock.h": '#include <gio/gio.h>\n#include <nettle/sha2.h>\n#include "ferry-names.h"\n',
    "service/platform/ferryd-clock-system.h":
        '#include "config.h"\n#include "ferryd-clock.h"\n#include "ferry-enum-types.h"\n#include <libsoup/soup.h>\n'
        'static SoupMessage *message;\n',
    "service/bus/ferryd-dispatcher.h":
        '#include "ferryd-clock.h"\n#include "ferry-options.h"\n#include "ferry-interfaces.h"\n'
        'GDBusMethodInvocation *call; /* never a SoupMessage */\n',
    "service/main.c": '#include "ferryd-dispatcher.h"\n#include "ferryd-clock-system.h"\n',
    "libferry/ferry.h": '#include "ferry-names.h"\n',
    "libferry/ferry-private.h": "",
    "cli/main.c": '#include <ferry.h>\n#include "cli.h"\n#include <json-glib/json-glib.h>\n',
    "cli/cli.h": "",
    "tests/unit/test-all.c": '#include "ferryd-clock-system.h"\n#include "ferryd-dispatcher.h"\n#include <sqlite3.h>\n',
}

# File, what is added to it or put in its place, and what the complaint must say.
BAD = [
    ("service/engine/ferryd-clock.h", '#include "ferry-options.h"\n', "engine may not include ferry-options.h"),
    ("service/engine/ferryd-clock.h", '#include "ferryd-clock-system.h"\n', "engine may not include"),
    ("service/engine/ferryd-clock.h", '#include "ferryd-dispatcher.h"\n', "engine may not include"),
    ("service/engine/ferryd-clock.h", '#  include <libsoup/soup.h>\n', "engine may not know <libsoup/soup.h>"),
    ("service/engine/ferryd-clock.h", 'sqlite3 *db;\n', "engine may not know sqlite3"),
    ("service/engine/ferryd-clock.h", 'GDBusMethodInvocation *i;\n', "engine may not know GDBusMethodInvocation"),
    ("service/engine/ferryd-clock.h", '#include "gone.h"\n', '"gone.h" is no header of the tree'),
    ("service/platform/ferryd-clock-system.h", '#include "ferryd-dispatcher.h"\n', "platform may not include"),
    ("service/platform/ferryd-clock-system.h", '#include "ferry-options.h"\n', "platform may not include"),
    ("service/platform/ferryd-clock-system.h", 'GDBusMethodInvocation *i;\n', "platform may not know"),
    ("service/bus/ferryd-dispatcher.h", '#include "ferryd-clock-system.h"\n', "bus may not include"),
    ("service/bus/ferryd-dispatcher.h", 'SoupMessage *m;\n', "bus may not know SoupMessage"),
    ("service/bus/ferryd-dispatcher.h", '#include <sqlite3.h>\n', "bus may not know <sqlite3.h>"),
    ("service/main.c", '#include "ferry.h"\n', "root may not include ferry.h of libferry"),
    ("libferry/ferry.h", '#include "ferryd-clock.h"\n', "libferry may not include"),
    ("libferry/ferry.h", '#include <json-glib/json-glib.h>\n', "libferry may not know"),
    ("introspection/ferry-names.h", '#include "ferryd-clock.h"\n', "introspection may not include"),
    ("cli/main.c", '#include "ferry-private.h"\n', "cli may not include ferry-private.h"),
    ("cli/main.c", '#include "ferry-names.h"\n', "cli may not include ferry-names.h"),
    ("cli/main.c", '#include "ferryd-clock.h"\n', "cli may not include ferryd-clock.h"),
    ("examples/hello.c", SPDX + '#include "ferry-private.h"\n', "examples may not include ferry-private.h"),
    ("elsewhere/a.c", SPDX, "has no layer"),
    ("service/engine/long.c", SPDX + "\n" * 598, "601 lines"),
    ("data/bare.xml", "<x/>\n", "does not begin with SPDX-License-Identifier"),
    ("meson.build", "# SPDX-License-Identifier: LGPL-2.1-or-later\n", "does not begin with SPDX-FileCopyrightText"),
    ("tests/bare.py", "", "does not begin with SPDX-License-Identifier"),
]


def run(files):
    """Exit status and output for a tree of these files."""
    with tempfile.TemporaryDirectory() as tree:
        for path, text in files.items():
            os.makedirs(os.path.join(tree, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree, path), "w", encoding="utf-8") as stream:
                stream.write(text)
        done = subprocess.run([sys.executable, CHECK, tree], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def main():
    good = {path: SPDX + text for path, text in GOOD.items()}
    good["service/engine/full.c"] = SPDX + "\n" * 597
    failures = 0
    status, output = run(good)
    if status != 0:
        failures += 1
        print(f"not right although it is: {output}")
    for path, text, complaint in BAD:
        status, output = run({**good, path: good.get(path, "") + text})
        if status != 1 or output.count("\n") < 1 or complaint not in output or not output.startswith(path):
            failures += 1
            print(f"{path} with {text!r}: status {status}, no {complaint!r} in: {output}")
    print(f"1 tree that is right, {len(BAD)} that are wrong, {failures} taken for the other")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
