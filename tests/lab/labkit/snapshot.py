"""The before-image of a guest: everything that must be the same again after a rollback.

Taken through libvirt and the file system of the hosts, never through the tool under test.
"""

import difflib
import os
import re
import xml.etree.ElementTree as ElementTree

from .batch import ask
from .guest import disk_files

# These differ between two looks at the same healthy guest.
VOLATILE = ("cpu_time_s",)


def take(lab, guest):
    """{host: domain image or None, "files": ...} for every running host of the lab."""
    image = {host.name: domain_image(host, guest.uuid)
             for host in lab.hosts.values() if host.is_running()}
    image["files"] = {str(path): file_image(path) for disk in guest.disks
                      for path in disk_files(lab, disk) if path.exists()}
    return image


def domain_image(host, uuid):
    """What one host's libvirt says of a domain, or None when it does not know it."""
    answers = ask(host, {
        "info": f"dominfo {uuid}", "state": f"domstate --reason {uuid}",
        "live_xml": f"dumpxml {uuid}", "inactive_xml": f"dumpxml --inactive {uuid}",
        "max_downtime": f"migrate-getmaxdowntime {uuid}",
        "bandwidth_mib_s": f"migrate-getspeed {uuid}",
        "job": f"domjobinfo {uuid}", "snapshots": f"snapshot-list --name {uuid}",
        "checkpoints": f"checkpoint-list --name {uuid}", "block_jobs": f"domblklist {uuid}"})
    if not answers["info"]:
        return None
    info = {key.strip(): value.strip() for key, _, value in
            (line.partition(":") for line in answers["info"].splitlines())}
    image = {"id": info["Id"], "autostart": info["Autostart"], "persistent": info["Persistent"],
             "managed_save": info["Managed save"], "cpu_time_s": info.get("CPU time", "0s"),
             "state": answers["state"], "max_downtime": answers["max_downtime"],
             "bandwidth_mib_s": answers["bandwidth_mib_s"], "snapshots": answers["snapshots"],
             "checkpoints": answers["checkpoints"],
             "job": _field(answers["job"], "Job type"),
             "live_xml": canonical(answers["live_xml"]),
             "inactive_xml": canonical(answers["inactive_xml"])}
    image["block_jobs"] = _block_jobs(host, uuid, answers["block_jobs"])
    return image


def _field(text, name):
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


def _block_jobs(host, uuid, block_list):
    targets = [line.split()[0] for line in block_list.splitlines() if line.strip()]
    answers = ask(host, {target: f"blockjob {uuid} {target} --raw" for target in targets})
    return {target: text for target, text in answers.items() if text.strip()}


_PASSING_ATTRIBUTES = ("trusted.gluster", "trusted.afr.dirty", "trusted.libvirt.security")


def file_image(path):
    """Owner, mode and extended attributes, as ownership errors are found only this way.

    Not libvirt's own record of the owner before the VM's start: a daemon distrusts a record with another host's boot
    time and drops it as soon as it prepares a copy, whatever becomes of the copy.
    """
    status = os.stat(path)
    attributes = {name: os.getxattr(path, name).hex() for name in sorted(os.listxattr(path))
                  if not name.startswith(_PASSING_ATTRIBUTES)}
    return {"owner": f"{status.st_uid}:{status.st_gid}", "mode": f"{status.st_mode & 0o7777:o}",
            "size": status.st_size, "attributes": attributes}


def canonical(xml):
    """One element per line, attributes sorted, no meaningless blanks; empty stays empty."""
    if not xml.strip():
        return ""
    lines = ElementTree.canonicalize(xml, strip_text=True).replace("><", ">\n<")
    return re.sub(r"(<(\w+)[^<>]*)>\n</\2>", r"\1/>", lines)


def differences(before, after, ignore=VOLATILE):
    """Where two images differ, one sentence or XML line each; empty means equal."""
    found = []
    for place in sorted(before.keys() | after.keys()):
        old, new = before.get(place), after.get(place)
        if old is None or new is None:
            if old != new:
                found.append(f"{place}: {'was absent, now there' if old is None else 'was there, now absent'}")
            continue
        for field in sorted(old.keys() | new.keys()):
            if field not in ignore and old.get(field) != new.get(field):
                found += _field_differences(f"{place}: {field}", old.get(field), new.get(field))
    return found


def _field_differences(where, old, new):
    if not (isinstance(old, str) and isinstance(new, str) and "\n" in old + new):
        return [f"{where}: {old} -> {new}"]
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [f"{where}: {line}" for line in lines if not line.startswith(("---", "+++", "@@"))]
