"""Sums the JUnit reports of a folder and prints the closing line of tests/run.

Usage: sum_junit.py FOLDER FAILED-STAGES. A stage that failed without a failed test in its report (it
did not build, it was killed) counts as a failed test, so that the line never looks better than the run.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    passed = failed = skipped = 0
    for report in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname', '')} {case.get('name', '')}".strip()
            problem = case.find("failure") if case.find("failure") is not None else case.find("error")
            omitted = case.find("skipped")
            if problem is not None:
                failed += 1
                print(f"FAILED  {report.stem}: {name}")
            elif omitted is not None or case.get("status") in ("notrun", "disabled"):
                skipped += 1
                reason = "" if omitted is None else (omitted.get("message") or (omitted.text or "").strip())
                print(f"skipped {report.stem}: {name}: {reason or 'no reason given'}")
            else:
                passed += 1
    failed_stages = int(sys.argv[2])
    if failed_stages and not failed:
        failed = failed_stages
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
