"""The report of the fault matrix: case, what plain virsh leaves, what vmferry makes of it."""

import json

PLAIN = "virsh "  # results of stories told with virsh are kept under this and the story's name
_HEAD = """\
# The fault matrix

What each fault leaves with plain `virsh migrate` (default keepalive, no lock manager), asked from the hosts two
seconds after virsh has ended, and with vmferry, after its own recovery. Made by `tests/lab/run-cases --report`.

| case | virsh | vmferry |
|---|---|---|
"""


def rows(cases, results):
    """One row for each case that has a result."""
    found = []
    for case in cases:
        mine = results.kept(case.name)
        if mine is None:
            continue
        plain = results.kept(PLAIN + case.plain) if case.plain else None
        found.append({"case": case.name, "virsh": plain.remark if plain else None,
                      "vmferry": {"verdict": mine.verdict, "remark": mine.remark, "seconds": mine.seconds,
                                  "problems": mine.problems}})
    return found


def write(path, cases, results):
    """FILE as Markdown and, beside it, FILE.json."""
    found = rows(cases, results)
    times = sorted(row["vmferry"]["seconds"] for row in found)
    bad = sum(row["vmferry"]["verdict"] != "passed" for row in found)
    median = times[len(times) // 2] if times else 0.0
    lines = [f"| {row['case']} | {row['virsh'] or ''} | {_own_words(row['vmferry'])} |\n" for row in found]
    path.write_text(f"{_HEAD}{''.join(lines)}\n{len(found)} cases, {bad} not as expected, median {median:.1f} s.\n")
    summary = {"cases": len(found), "not_as_expected": bad, "median_s": median, "rows": found}
    path.with_suffix(".json").write_text(json.dumps(summary, indent=1) + "\n")


def _own_words(result):
    return result["remark"] if result["verdict"] == "passed" else f"**{result['verdict']}**: {result['remark']}"
