"""The report of the fault matrix: case, what plain virsh leaves, what vmferry makes of it."""

import json

PLAIN = "virsh "  # results of stories told with virsh are kept under this and the story's name
_HEAD = """\
# The fault matrix

What each fault leaves with plain `virsh migrate` (default keepalive, no lock manager), asked from the hosts two
seconds after virsh has ended, and with vmferry, after its own recovery. Made by `tests/lab/run-cases --report` on
Debian 12 with libvirt 9.0 and QEMU 7.2, emulated. An empty column: virsh has nothing of which the story could be told,
or was told it in another row.

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
        found.append({"case": case.name, "story": case.plain, "virsh": plain.remark if plain else None,
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
    plain = _what_virsh_left({row["story"]: row["virsh"] for row in found if row["virsh"]})
    words = ", ".join(f"{count} {text}" for text, count in plain.items())
    path.write_text(f"{_HEAD}{''.join(lines)}\n{len(found)} cases, {bad} not as expected, median {median:.1f} s. "
                    f"virsh: {words}.\n")
    summary = {"cases": len(found), "not_as_expected": bad, "median_s": median, "virsh": plain, "rows": found}
    path.with_suffix(".json").write_text(json.dumps(summary, indent=1) + "\n")


def _what_virsh_left(stories):
    """{what: of how many of the stories}, by the worst word of each."""
    kinds = {"with the VM running twice": lambda words: "runs twice" in words or "ran twice" in words,
             "with the VM down": lambda words: words.startswith("down"),
             "with a second copy or definition": lambda words: "paused copy" in words or "defined" in words}
    left = [next((kind for kind, is_so in kinds.items() if is_so(words)), "whole") for words in stories.values()]
    return {"stories": len(left), **{kind: left.count(kind) for kind in kinds}}


def _own_words(result):
    return result["remark"] if result["verdict"] == "passed" else f"**{result['verdict']}**: {result['remark']}"
