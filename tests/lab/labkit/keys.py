"""ssh inside the lab: keys, a daemon configuration per host, a client configuration for all.

Nothing of the machine's own ssh is used or changed. Host keys are known, so strict checking
stays on: a test for an unknown key only has to remove a line from known_hosts.
"""

from .names import HOST_NAMES
from .shell import run

_SSHD_CONFIG = """\
ListenAddress {address}
HostKey {directory}/{host}_key
AuthorizedKeysFile {directory}/user_key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile /run/sshd.pid
"""

_CLIENT_CONFIG = """\
Host *
    User root
    IdentityFile {directory}/user_key
    IdentitiesOnly yes
    UserKnownHostsFile {directory}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
"""


class Keys:
    def __init__(self, names):
        self._names = names
        self.directory = names.work / "ssh"
        self.client_config = self.directory / "config"
        self.known_hosts = self.directory / "known_hosts"
        self.shadow = self.directory / "shadow"
        self.client = self.directory / "ssh"

    def make(self):
        """For all hosts a lab can have; a no-op when they are there."""
        if self.client.exists():
            return
        self.directory.mkdir(mode=0o700, exist_ok=True)
        known = []
        for name in ("user", *HOST_NAMES):
            key = self.directory / f"{name}_key"
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab {name}", "-f", key])
            if name != "user":
                public = key.with_suffix(".pub").read_text().strip()
                known.append(f"{name},{self._names.address(name)} {public}\n")
                self.sshd_config(name).write_text(_SSHD_CONFIG.format(
                    address=self._names.address(name), directory=self.directory, host=name))
        self.known_hosts.write_text("".join(known))
        self.client_config.write_text(_CLIENT_CONFIG.format(directory=self.directory))
        # sshd refuses an account with a locked password, which the machine's root may have.
        self.shadow.write_text("root:*:19000:0:99999:7:::\n")
        self.client.write_text(f'#!/bin/sh\nexec ssh -F {self.client_config} "$@"\n')
        self.client.chmod(0o755)

    def sshd_config(self, host):
        return self.directory / f"sshd_{host}"
