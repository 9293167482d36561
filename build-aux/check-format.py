#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-format.py CLANG-FORMAT TREE FOLDER...: whether every .c and .h file below the folders is formatted.

Lists those that are not; exit status 1 where there is one.
"""

import os
import subprocess
import sys


def sources(folder):
    """Paths of the C files below a folder."""
    for path, _, names in os.walk(folder):
        yield from (os.path.join(path, name) for name in names if name.endswith((".c", ".h")))


def main(clang_format, tree, *folders):
    paths = sorted(path for folder in folders for path in sources(os.path.join(tree, folder)))
    # All at once is quick; which ones are wrong is only asked when some are.
    check = [clang_format, "--dry-run", "-Werror"]
    if subprocess.run([*check, *paths], capture_output=True, check=False).returncode == 0:
        return 0
    for path in paths:
        if subprocess.run([*check, path], capture_output=True, check=False).returncode != 0:
            print(f"{os.path.relpath(path, tree)}: not as clang-format has it; clang-format -i formats it")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
