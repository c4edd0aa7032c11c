#!/usr/bin/env python3
"""A ratchet on the size of files: new ones stay readable, old ones do not grow.

usage: check_sizes.py ROOT RATCHET [--update]
RATCHET lists the files that are longer than the limit, with their lines. A file that is listed may
shrink but not grow; one that is not listed must stay below the limit.
"""
import pathlib
import sys

LIMIT = 250
FOLDERS = ("core", "journal", "cli", "plugins")


def main():
    root, ratchet = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    long = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            lines = len(path.read_text().splitlines())
            if lines > LIMIT:
                long[path.relative_to(root).as_posix()] = lines
    if "--update" in sys.argv:
        ratchet.write_text("".join(f"{name} {lines}\n" for name, lines in sorted(long.items())))
        return 0
    allowed = {}
    for line in ratchet.read_text().splitlines():
        name, _, lines = line.rpartition(" ")
        allowed[name] = int(lines)
    problems = [f"{name}: {lines} lines, {allowed.get(name, LIMIT)} are the most: does more than one idea live in it?"
                for name, lines in sorted(long.items()) if lines > allowed.get(name, LIMIT)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
