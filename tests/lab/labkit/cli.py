"""The `lab` command."""

import argparse
import os
import signal
import sys
import time

from . import build
from .guest import STORAGE_KINDS, Guest
from .host import URI_KINDS
from .lab import PROFILES, STORAGES, Lab
from .shell import LabError


def _storages(text):
    kinds = text.split(",")
    if set(kinds) - set(STORAGES):
        raise argparse.ArgumentTypeError(f"storages are {','.join(STORAGES)}")
    return kinds


def _up(options):
    begin = time.monotonic()
    Lab().up(options.hosts, options.profile, options.storage)
    print(f"up in {time.monotonic() - begin:.1f} s")
    _status(options)


def _down(options):
    begin = time.monotonic()
    Lab().down()
    if options.purge:
        build.purge()
    print(f"down in {time.monotonic() - begin:.1f} s")


def _status(_options):
    lab = Lab()
    if not lab.settings:
        left = lab.leftovers()
        print(f"lab '{lab.names.name}' is not up" + (f"; left over: {', '.join(left)}" if left else ""))
        return 1
    print(f"lab '{lab.names.name}', profile {lab.settings['profile']}, "
          f"storage {','.join(lab.settings['storages'])}")
    for what, text in lab.status().items():
        print(f"  {what:8} {text}")
    for host in lab.hosts.values():
        if host.is_running():
            print(f"  {host.name:8} libvirtd {host.libvirtd_pid()}, {host.uri('tcp')}")
            print(f"  {'':8} {host.uri('unix')}")
    for guest in Guest.all(lab):
        print(f"  guest    {_guest_line(guest)}")
    return 0


def _uri(options):
    print(Lab.attach().host(options.host).uri(options.kind))


def _exec(options):
    os.execvp("nsenter", _node(options.node).enter(options.command))


def _node(name):
    lab = Lab.attach()
    nodes = {**lab.hosts, "san": lab.san, "nas": lab.nas}
    if name not in nodes:
        raise LabError(f"no node '{name}'; there are {', '.join(nodes)}")
    return nodes[name]


def _guest_start(options):
    lab = Lab.attach()
    guest = Guest.create(
        lab, options.name, options.storage.split(","), options.host, memory_mib=options.memory,
        dirty_mib_s=options.dirty, working_set_mib=options.working_set,
        heartbeat_ms=options.heartbeat, disk_ms=options.disk_interval, uefi=options.uefi,
        disk_mib=options.disk_size, disk_format=options.format)
    begin = time.monotonic()
    try:
        guest.start(transient=options.transient, autostart=options.autostart, paused=options.paused)
        if not options.paused:
            guest.command("stat", timeout=60)
    except LabError:
        guest.remove()
        raise
    print(f"{guest.name} {guest.uuid} {guest.address} on {options.host}, "
          f"{time.monotonic() - begin:.1f} s")


def _guest_stop(options):
    lab = Lab.attach()
    for guest in Guest.all(lab) if options.all else [Guest(lab, name) for name in options.names]:
        guest.remove()


def _guest_command(options):
    print(Guest(Lab.attach(), options.name).command(" ".join(options.words)))


def _guest_list(_options):
    for guest in Guest.all(Lab.attach()):
        print(_guest_line(guest))


def _guest_line(guest):
    disks = " ".join(f"{disk['target']}={disk['storage']}" for disk in guest.disks)
    states = ", ".join(f"{host}: {state}" for host, state in guest.states().items())
    return f"{guest.name} {guest.uuid} {guest.address} {disks}  {states or 'on no host'}"


def _parser():
    parser = argparse.ArgumentParser(prog="lab", description="Real libvirt hosts on one machine.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    up = verbs.add_parser("up", help="start the lab, or what is missing of it")
    up.add_argument("--hosts", type=int, choices=(2, 3), default=2)
    up.add_argument("--profile", choices=PROFILES, default="plain")
    up.add_argument("--storage", type=_storages, default=list(STORAGES), metavar="KIND,..")
    up.set_defaults(action=_up)

    down = verbs.add_parser("down", help="remove the lab and everything of it")
    down.add_argument("--purge", action="store_true", help="also remove the build cache")
    down.set_defaults(action=_down)

    verbs.add_parser("status", help="what is up").set_defaults(action=_status)

    uri = verbs.add_parser("uri", help="the libvirt URI of a host")
    uri.add_argument("host")
    uri.add_argument("kind", nargs="?", default="tcp", choices=URI_KINDS)
    uri.set_defaults(action=_uri)

    execute = verbs.add_parser("exec", help="run a command inside a host, san or nas")
    execute.add_argument("node")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    execute.set_defaults(action=_exec)

    _guest_parser(verbs.add_parser("guest", help="guests of the lab"))
    return parser


def _guest_parser(guest):
    verbs = guest.add_subparsers(required=True, metavar="VERB")
    start = verbs.add_parser("start", help="make and start a guest; returns when it is alive")
    start.add_argument("name")
    start.add_argument("--storage", default="iscsi", metavar="KIND[,KIND..]",
                       help=f"one per disk: {', '.join(STORAGE_KINDS)}")
    start.add_argument("--host", default="kvm1")
    start.add_argument("--memory", type=int, default=192, metavar="MIB")
    start.add_argument("--dirty", type=float, default=0, metavar="MIB/S")
    start.add_argument("--working-set", type=int, default=32, metavar="MIB")
    start.add_argument("--heartbeat", type=float, default=5, metavar="MS")
    start.add_argument("--disk-interval", type=float, default=20, metavar="MS")
    start.add_argument("--disk-size", type=int, default=64, metavar="MIB")
    start.add_argument("--format", choices=("raw", "qcow2"), default="raw")
    for flag in ("transient", "autostart", "paused", "uefi"):
        start.add_argument(f"--{flag}", action="store_true")
    start.set_defaults(action=_guest_start)

    stop = verbs.add_parser("stop", help="destroy, undefine and delete disks, everywhere")
    stop.add_argument("names", nargs="*")
    stop.add_argument("--all", action="store_true")
    stop.set_defaults(action=_guest_stop)

    command = verbs.add_parser("cmd", help="hb MS | disk MS | dirty MIB/S [MIB] | stat | "
                                           "poweroff | reboot | crash")
    command.add_argument("name")
    command.add_argument("words", nargs="+")
    command.set_defaults(action=_guest_command)

    verbs.add_parser("list", help="all guests").set_defaults(action=_guest_list)


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `lab status | head` is no error
    options = _parser().parse_args()
    try:
        return options.action(options) or 0
    except (LabError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; `lab down` removes what is there", file=sys.stderr)
        return 130
