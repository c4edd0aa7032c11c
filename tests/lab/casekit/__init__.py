"""Runs vmferry on the lab's real hosts and judges what came of it by asking the hosts.

A case (case.py) is a row of a table in ../cases: a guest, a story and what must hold afterwards.
The story is told to a Scene (scene.py); verify.py asks libvirt, QEMU, the wire and the disks,
never vmferry, whether the promise was kept.
"""
