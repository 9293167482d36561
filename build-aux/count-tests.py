#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-tests.py --skips-allowed FILE TESTLOG.json...: counts test cases in Meson's logs.

Prints what failed and what was skipped, and last of all one line `N passed, N failed, N skipped`. Exit status 1 where
something failed, where a test was skipped that FILE does not allow, or where nothing ran at all.
"""

import argparse
import fnmatch
import json
import os
import re
import sys

TAP_LINE = re.compile(r"^(ok|not ok)\b *\d* *-? *([^#]*?) *(?:# *(SKIP|TODO)\b[ :]*(.*))?$", re.IGNORECASE)
GOOD_RESULTS = {"OK", "EXPECTEDFAIL", "SKIP"}


def cases_of(record):
    """Yields (name, outcome, reason) for each case of one Meson test."""
    name = record["name"]
    subtests = []
    for line in record.get("stdout", "").splitlines():
        match = TAP_LINE.match(line)
        if match:
            good, what, directive, reason = match.groups()
            outcome = "passed" if good == "ok" else "failed"
            if (directive or "").upper() == "SKIP":
                outcome = "skipped"
            subtests.append((f"{name}/{what}", outcome, reason or ""))
    result = record["result"]
    if not subtests:
        outcome = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}.get(result, "failed")
        return [(name, outcome, result)]
    if result not in GOOD_RESULTS and all(outcome != "failed" for _, outcome, _ in subtests):
        subtests.append((name, "failed", f"{result} after {len(subtests)} cases"))
    return subtests


def allowed_patterns(path):
    with open(path, encoding="utf-8") as stream:
        lines = [line.strip() for line in stream]
    return [line for line in lines if line and not line.startswith("#")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--skips-allowed", required=True)
    parser.add_argument("logs", nargs="*")
    arguments = parser.parse_args()

    allowed = allowed_patterns(arguments.skips_allowed)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    unexpected_skips = 0
    for log in arguments.logs:
        if not os.path.exists(log):
            counts["failed"] += 1
            print(f"failed: there is no {log}: it was not built, or its tests did not begin")
            continue
        with open(log, encoding="utf-8") as stream:
            records = [json.loads(line) for line in stream if line.strip()]
        for record in records:
            for name, outcome, reason in cases_of(record):
                counts[outcome] += 1
                if outcome == "failed":
                    print(f"failed: {name} ({log}) {reason}".rstrip())
                elif outcome == "skipped":
                    if any(fnmatch.fnmatch(name, pattern) for pattern in allowed):
                        print(f"skipped: {name}: {reason}")
                    else:
                        unexpected_skips += 1
                        print(f"skipped, but not in {arguments.skips_allowed}: {name}: {reason}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or unexpected_skips or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
