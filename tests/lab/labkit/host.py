"""A libvirt host of the lab, and what a test may do to it."""

import json
import os
import shutil
import signal
import struct
import time
from pathlib import Path

from . import build
from .keys import Keys
from .node import Node
from .processes import wait_gone
from .shell import LabError, run
from .tls import Certificates

SHARED = Path("/var/lib/libvirt/shared")
GLUSTER = Path("/var/lib/libvirt/gluster")
LOCAL = Path("/var/lib/libvirt/images")
BOOT = Path("/var/lib/libvirt/boot")
URI_KINDS = ("tcp", "unix", "ssh", "tls")

_LIBVIRTD_CONF = {
    "listen_tls": 1, "listen_tcp": 1, "auth_tcp": "none", "auth_unix_rw": "none",
    "key_file": "/etc/libvirt/pki/server-key.pem", "cert_file": "/etc/libvirt/pki/server-cert.pem",
    "ca_file": "/etc/libvirt/pki/ca-cert.pem",
    "log_outputs": "2:file:/var/log/libvirt/libvirtd.log",
}
_QEMU_CONF = {
    "security_driver": "none", "cgroup_controllers": [], "stdio_handler": "file",
    "default_tls_x509_cert_dir": "/etc/libvirt/pki", "default_tls_x509_verify": 1,
}
# Without these the profile is "secure": Debian's defaults, QEMU as libvirt-qemu and owners remembered.
_QEMU_CONF_PLAIN = {
    "user": "root", "group": "root", "swtpm_user": "root", "swtpm_group": "root",
    "namespaces": [], "remember_owner": 0, "seccomp_sandbox": 0,
}


class Host(Node):
    """One libvirtd with its guests, in namespaces of its own."""

    def __init__(self, names, name, profile="plain"):
        super().__init__(names, name)
        self.profile = profile
        self.socket = self.run_directory / "libvirt/libvirt-sock"
        self._keys = Keys(names)
        self._tls = Certificates(names)

    # -- life --

    def boot(self, before_libvirtd=None):
        """Namespaces and libvirtd. Also the way back after kill(): /run starts empty.

        `before_libvirtd` is called with the host when only its daemon is missing: mounts belong
        there, since libvirtd starts the guests marked autostart.
        """
        self.create_network()
        self._write_configuration()
        if not self.is_running():
            shutil.rmtree(self.run_directory, ignore_errors=True)
        (self.names.work / "shared").mkdir(parents=True, exist_ok=True)
        self.start([*((self.work / name, path) for name, path in self._private().items()),
                    (self.names.work / "shared", SHARED),
                    (self._keys.shadow, "/etc/shadow"),
                    (self._keys.client_config, "/etc/ssh/ssh_config")])
        for name, mode in (("lab-qmp", 0o1777), ("sshd", 0o755)):
            (self.run_directory / name).mkdir(exist_ok=True)
            (self.run_directory / name).chmod(mode)
        if not (self.run_directory / "utmp").exists():
            (self.run_directory / "utmp").write_bytes(_boot_record(int(time.time()) - 3600 * int(self.name[-1])))
        self.link_up()
        self.start_sshd()
        if before_libvirtd:
            before_libvirtd(self)
        self.start_libvirtd()

    @staticmethod
    def _private():
        return {"varlib": "/var/lib/libvirt", "etc": "/etc/libvirt",
                "log": "/var/log/libvirt", "cache": "/var/cache/libvirt"}

    def _write_configuration(self):
        for name in self._private():
            (self.work / name).mkdir(parents=True, exist_ok=True)
        (self.work / "varlib" / LOCAL.name).mkdir(mode=0o711, exist_ok=True)
        (self.work / "log/qemu").mkdir(exist_ok=True)
        self._copy_boot_files()
        self._tls.equip(self.name, self.work / "etc/pki")
        self._write_settings()
        build.lend_capabilities(self.work / "cache")

    def _write_settings(self, libvirtd=(), qemu=()):
        daemon = {**_LIBVIRTD_CONF, "host_uuid": self.names.host_uuid(self.name), **dict(libvirtd)}
        plain = _QEMU_CONF_PLAIN if self.profile == "plain" else {}
        for name, settings in (("libvirtd", daemon), ("qemu", {**_QEMU_CONF, **plain, **dict(qemu)})):
            # libvirt's syntax of numbers, strings and lists of strings is JSON's.
            lines = (f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
            (self.work / f"etc/{name}.conf").write_text("".join(lines))

    def reconfigure(self, libvirtd=(), qemu=()):
        """Restart libvirtd with these settings on top of the profile's; none: the profile's alone."""
        self._write_settings(libvirtd, qemu)
        self.restart_libvirtd()

    def use_lock_manager(self, lease_directory=SHARED / "leases"):
        """Run virtlockd and make libvirtd use it, with leases all hosts see."""
        (self.work / "etc/qemu-lockd.conf").write_text(
            f'auto_disk_leases = 1\nfile_lockspace_dir = "{lease_directory}"\n')
        self.path(lease_directory).mkdir(exist_ok=True)
        if self.process_of_pidfile("virtlockd.pid") is None:
            self.run(["/usr/sbin/virtlockd", "-d"])
        self.reconfigure(qemu={"lock_manager": "lockd"})

    def _copy_boot_files(self):
        """A copy per host: libvirt changes owners and attributes of what a guest boots from."""
        directory = self.work / "varlib" / BOOT.name
        directory.mkdir(mode=0o711, exist_ok=True)
        for file in (build.kernel(), build.initramfs()):
            if not (directory / file.name).exists():
                shutil.copyfile(file, directory / file.name)

    def start_sshd(self):
        if self.process_of_pidfile("sshd.pid") is None:
            self.run(["/usr/sbin/sshd", "-f", self._keys.sshd_config(self.name)])

    # -- libvirtd --

    def uri(self, kind="tcp"):
        """How the controller reaches this host: tcp, ssh, tls, or unix, which needs no link."""
        if kind == "tcp":
            return f"qemu+tcp://{self.address}/system"
        if kind == "unix":
            return f"qemu+unix:///system?socket={self.socket}"
        if kind == "ssh":
            return f"qemu+ssh://root@{self.address}/system?command={self._keys.client}"
        if kind == "tls":
            return f"qemu+tls://{self.address}/system?pkipath={self._tls.client}"
        raise ValueError(f"no such kind of URI: {kind}")

    def virsh(self, *words, kind="unix", check=True, timeout=60):
        """Run virsh against this host; returns stdout without the last newline."""
        done = run(["virsh", "-q", "-c", self.uri(kind), *words], check=check, timeout=timeout)
        return done.stdout.rstrip("\n")

    def start_libvirtd(self):
        """Returns when the daemon answers; a no-op while it runs."""
        if self.libvirtd_pid() is None:
            self.run(["/usr/sbin/libvirtd", "-d", "-l"])
        deadline = time.monotonic() + 30
        while run(["virsh", "-c", self.uri("unix"), "uri"], check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise LabError(f"{self.name}: libvirtd does not answer, see {self.work}/log")
            time.sleep(0.1)

    def libvirtd_pid(self):
        process = self.process_of_pidfile("libvirtd.pid")
        return process.pid if process and process.command == "libvirtd" else None

    def kill_libvirtd(self, signal_number=signal.SIGKILL):
        """End the daemon and wait for it; guests keep running."""
        pid = self.libvirtd_pid()
        if pid is None:
            return
        os.kill(pid, signal_number)
        if wait_gone([pid]):
            raise LabError(f"{self.name}: libvirtd {pid} does not end")

    def stop_libvirtd(self):
        """SIGSTOP: connections stay open and nobody answers."""
        os.kill(self.libvirtd_pid(), signal.SIGSTOP)

    def cont_libvirtd(self):
        os.kill(self.libvirtd_pid(), signal.SIGCONT)

    def restart_libvirtd(self):
        self.kill_libvirtd(signal.SIGTERM)
        self.start_libvirtd()

    # -- guests --

    def qemu_processes(self):
        """{guest name: outer pid} of every QEMU that runs a guest here."""
        found = {}
        for process in self.processes():
            if "-name" in process.arguments and process.command.startswith("qemu-system"):
                value = process.arguments[process.arguments.index("-name") + 1]
                found[value.removeprefix("guest=").split(",")[0]] = process.pid
        return found

    def qemu_pid(self, domain):
        return self.qemu_processes().get(domain)


def _boot_record(seconds):
    """A utmp file that says when the host was booted.

    libvirt stamps remembered file owners with it and distrusts another stamp; real hosts never
    share a boot time, hosts of one machine would.
    """
    return struct.pack("<hxxi32s4s32s256shhiii16s20s", 2, 0, b"~", b"~~", b"reboot", b"",
                       0, 0, 0, seconds, 0, b"", b"")
