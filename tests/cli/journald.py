#!/usr/bin/python3
"""journald.py [--deaf] FILE WORDS..: runs WORDS with a socket at the place of journald's, in this mount namespace (the
caller makes one), and writes each entry into FILE as a JSON object. --deaf: takes none of them.
journald.py --notify FILE WORDS..: as a service manager, with NOTIFY_SOCKET; FILE gets the states as they come.
Ends with the code of WORDS."""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PLACE = Path("/run/systemd/journal/socket")


def fields_of(data):
    """One entry of the native protocol: NAME=VALUE, or NAME, a length of 64 bits and the value."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + size], rest[8 + size + 1:]
        fields[name.decode()] = value.decode()
        data = rest
    return fields


def receive(server, file, text_of):
    while data := server.recv(1 << 20):
        file.write(text_of(data) + "\n")
        file.flush()


def main():
    words = sys.argv[1:]
    options = [words.pop(0) for _ in range(sum(word in ("--deaf", "--notify") for word in words[:1]))]
    notify = "--notify" in options
    file = open(words.pop(0), "w", encoding="utf-8")
    environment = dict(os.environ)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as directory:
        if notify:
            environment["NOTIFY_SOCKET"] = f"{directory}/notify"
            server.bind(environment["NOTIFY_SOCKET"])
        else:
            subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
            PLACE.parent.mkdir(parents=True)
            server.bind(str(PLACE))
        text_of = bytes.decode if notify else lambda data: json.dumps(fields_of(data))
        reader = threading.Thread(target=receive, args=(server, file, text_of), daemon=True)
        if "--deaf" not in options:
            reader.start()
        code = subprocess.run(words, env=environment, check=False).returncode
        if "--deaf" not in options:
            server.sendto(b"", server.getsockname())
            reader.join()
    return code


if __name__ == "__main__":
    sys.exit(main())
