#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-layers.py [TREE]: who includes whom, what each layer may have heard of, licence lines, length of files.

Lists every violation; exit status 1 where there is one. The table of layers is the one in HACKING.md.
"""

import os
import re
import sys

SPDX = ("SPDX-FileCopyrightText: 2026 The Ferry authors", "SPDX-License-Identifier: LGPL-2.1-or-later")
SPDX_SUFFIXES = (".c", ".h", ".py", ".build", ".options", ".xml", ".md", ".rst", ".in", ".sh")
SPDX_WITHIN = 8  # lines from the top: a file may begin with #! or <?xml

MAX_LINES = 600  # of a .c or .h file: what is longer is two things

# Folder to layer. The longest folder that fits counts; "tests" may include everything.
LAYERS = {
    "introspection": "introspection",
    "service": "root",
    "service/engine": "engine",
    "service/platform": "platform",
    "service/bus": "bus",
    "libferry": "libferry",
    "cli": "cli",
    "examples": "examples",
    "benchmarks": "tests",
    "tests": "tests",
}

# What of introspection/ says names, words, errors and header fields only.
VOCABULARY = {"ferry-names.h", "ferry-enums.h", "ferry-enum-types.h", "ferry-error.h", "ferry-headers.h"}

# Layer to the layers it may include beside itself. "vocabulary" is the part of introspection above.
MAY_INCLUDE = {
    "introspection": set(),
    "engine": {"vocabulary"},
    "platform": {"vocabulary", "engine"},
    "bus": {"vocabulary", "introspection", "engine"},
    "root": {"vocabulary", "introspection", "engine", "platform", "bus"},
    "libferry": {"vocabulary", "introspection"},
    "cli": set(),
    "examples": set(),
}

# Headers that the build makes, and the layer they belong to; config.h is everybody's.
GENERATED = {
    "ferry-enum-types.h": "introspection",
    "ferry-interfaces.h": "introspection",
    "ferry-version.h": "libferry",
}

PUBLIC_HEADER = "ferry.h"  # all that cli and examples see of the library

# Libraries beyond libc and GLib: how their headers begin, and the layers that know them.
LIBRARIES = {
    "libsoup/": {"platform"},
    "sqlite3": {"platform"},
    "nettle/": {"engine", "platform"},
    "NetworkManager": {"platform"},
    "libnm/": {"platform"},
    "libmm-glib": {"platform"},
    "ModemManager": {"platform"},
    "libupower-glib/": {"platform"},
    "upower": {"platform"},
    "curl/": {"platform"},
    "libsecret/": {"platform"},
    "gnutls/": {"platform"},
    "json-glib/": {"cli"},
}

# What a layer must not even name, comments excepted.
WORDS = {
    re.compile(r"\bGDBusMethodInvocation\b"): {"bus", "root", "examples"},
    re.compile(r"\b(Soup[A-Z]\w+|soup_\w+)\b"): {"platform"},
    re.compile(r"\b(sqlite3(_\w+)?|NMClient|nm_client_\w+|UpClient|up_client_\w+)\b"): {"platform"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def source_files(tree):
    """Paths of the tree's files, relative to it, without build folders and hidden ones."""
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(
            name for name in folders
            if not name.startswith((".", "_build")) and name != "__pycache__"
            and not os.path.exists(os.path.join(folder, name, "build.ninja")))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), tree)


def layer_of(path):
    """The layer of a file, None where it has none."""
    folder = os.path.dirname(path)
    while folder:
        if folder in LAYERS:
            return LAYERS[folder]
        folder = os.path.dirname(folder)
    return None


def headers_of(paths):
    """Name of each header to the set of layers that have one of that name."""
    found = {name: {layer} for name, layer in GENERATED.items()}
    for path in paths:
        if path.endswith(".h") and layer_of(path) is not None:
            found.setdefault(os.path.basename(path), set()).add(layer_of(path))
    return found


def include_problem(layer, name, is_quoted, headers):
    """What is wrong with one #include, or None."""
    base = os.path.basename(name)
    owners = headers.get(base, set())
    if base == "config.h" or layer in owners or layer == "tests":
        return None
    if owners:
        if layer in {"cli", "examples"} and base == PUBLIC_HEADER:
            return None
        if "introspection" in owners and base in VOCABULARY:
            owners = owners | {"vocabulary"}
        if owners & MAY_INCLUDE[layer]:
            return None
        return f"{layer} may not include {name} of {'/'.join(sorted(owners - {'vocabulary'}))}"
    for prefix, layers in LIBRARIES.items():
        if name.startswith(prefix) and layer not in layers:
            return f"{layer} may not know <{name}>"
    return f'"{name}" is no header of the tree' if is_quoted else None


def check_source(path, text, headers):
    """Violations of one .c or .h file."""
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{lines} lines, {MAX_LINES} at most: split it"
    layer = layer_of(path)
    if layer is None:
        yield "is in a folder that has no layer"
        return
    for quote, name in INCLUDE.findall(text):
        problem = include_problem(layer, name, quote == '"', headers)
        if problem is not None:
            yield problem
    code = COMMENT_OR_STRING.sub(" ", INCLUDE.sub(" ", text))
    for word, layers in WORDS.items():
        match = word.search(code)
        if match is not None and layer not in layers | {"tests"}:
            yield f"{layer} may not know {match.group()}"


def check_tree(tree):
    """All violations below a folder, as `path: what`."""
    paths = list(source_files(tree))
    headers = headers_of(paths)
    for path in paths:
        if not path.endswith(SPDX_SUFFIXES):
            continue
        with open(os.path.join(tree, path), encoding="utf-8") as stream:
            text = stream.read()
        top = "\n".join(text.split("\n")[:SPDX_WITHIN])
        for line in SPDX:
            if line not in top:
                yield f"{path}: does not begin with {line}"
        if path.endswith((".c", ".h")):
            for problem in check_source(path, text, headers):
                yield f"{path}: {problem}"


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    violations = list(check_tree(tree))
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
