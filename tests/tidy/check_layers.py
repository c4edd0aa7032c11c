#!/usr/bin/env python3
"""Reads the #include lines of the sources and holds them against layers.txt.

usage: check_layers.py ROOT LAYERS
A C library is known by one folder only; arrows between our folders point down.
"""
import pathlib
import re
import sys

SYSTEM = ("arpa/", "linux/", "net/", "netdb.h", "netinet/", "sys/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FOLDERS = ("core", "journal", "cli", "plugins")


def layers(path):
    allowed = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            folder, _, prefixes = line.partition(":")
            allowed[folder.strip()] = prefixes.split()
    return allowed


def is_system(name):
    # <vector>, <cstdint>, <unistd.h>: no folder, or one of the operating system's.
    plain = "/" not in name and name != "sqlite3.h"
    return plain or name.startswith(SYSTEM)


def main():
    root, table = pathlib.Path(sys.argv[1]), layers(pathlib.Path(sys.argv[2]))
    problems, files = [], 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            name = path.relative_to(root).as_posix()
            layer = max((l for l in table if name.startswith(l + "/")), key=len, default=None)
            if layer is None:
                problems.append(f"{name}: no layer in layers.txt covers it")
                continue
            files += 1
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                if not found or found[2].startswith(layer + "/") or found[1] == "<" and is_system(found[2]):
                    continue
                if not any(found[2].startswith(prefix) for prefix in table[layer]):
                    problems.append(f"{name}:{number}: {layer} must not include {found[2]}")
    for problem in problems:
        print(problem)
    if files == 0:
        print("no source was found: the check itself is broken")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
