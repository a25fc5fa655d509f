#!/usr/bin/env python3
"""Sums up JUnit reports in one closing line, as pytest prints it.

    python3 scripts/summary.py FOLDER [FAILED STEP ...]

Steps that failed outside the tests count as errors. Ends with 1 when something failed, when a report is
missing, or when HOPSO_STRICT=1 and a test was skipped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

REPORTS = ("pytest.xml", "vitest.xml")


def main(folder: Path, failed_steps: list[str]) -> int:
    """Prints the failures by name and the sum; returns the exit status."""
    absent = [name for name in REPORTS if not (folder / name).exists()]
    cases = [case for name in REPORTS if name not in absent for case in cases_of(folder / name)]
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None and case not in bad]
    for case in bad:
        print(f"FAILED {case.get('classname', '')}::{case.get('name', '')}")
    for name in absent:
        print(f"ERROR {name}: no report, the run ended before its time")
    for step in failed_steps:
        print(f"ERROR {step}")
    errors = len(absent) + len(failed_steps)
    passed = len(cases) - len(bad) - len(skipped)
    counts = {"failed": len(bad), "passed": passed, "skipped": len(skipped), "errors": errors}
    words = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    seconds = sum(float(case.get("time") or 0) for case in cases)
    print(f" {words or 'no tests ran'} in {seconds:.2f}s ".center(80, "="))
    strict = os.environ.get("HOPSO_STRICT") == "1"
    return int(bool(bad or errors or not cases or (strict and skipped)))


def cases_of(report: Path) -> list[ElementTree.Element]:
    """All test cases of one report."""
    return list(ElementTree.parse(report).getroot().iter("testcase"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
