"""Certificates of the lab: one authority, a server certificate per host, one for clients.

libvirtd (qemu+tls) and QEMU (migration and NBD over TLS) use the same directory per host.
`issue` also makes the wrong ones a test wants: other names, another authority.
"""

import shutil

from .shell import run

_DAYS = "3650"


class Certificates:
    def __init__(self, names):
        self._names = names
        self.directory = names.work / "tls"
        self.client = self.directory / "client"

    def make(self):
        """The authority and the client's certificate; a no-op when they are there."""
        if (self.client / "clientcert.pem").exists():
            return
        self.client.mkdir(parents=True, exist_ok=True)
        self.make_authority("authority")
        # libvirt's pkipath wants these names.
        shutil.copy(self.directory / "authority.pem", self.client / "cacert.pem")
        self.issue("controller", self.client / "clientkey.pem", self.client / "clientcert.pem")

    def make_authority(self, name):
        """A self-signed authority NAME.key, NAME.pem in the lab's TLS directory."""
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", _DAYS, "-subj", f"/CN=lab {name}",
             "-keyout", self.directory / f"{name}.key", "-out", self.directory / f"{name}.pem"])

    def issue(self, common_name, key, certificate, addresses=(), authority="authority", days=_DAYS):
        """A certificate for a name and addresses, signed by an authority made before.

        With `days` below 0 it has expired.
        """
        alternatives = ",".join([f"DNS:{common_name}", *(f"IP:{address}" for address in addresses)])
        request = run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                       "-nodes", "-subj", f"/CN={common_name}",
                       "-addext", f"subjectAltName={alternatives}", "-addext", "basicConstraints=critical,CA:FALSE",
                       "-addext", "keyUsage=digitalSignature,keyEncipherment", "-keyout", key]).stdout
        run(["openssl", "x509", "-req", "-copy_extensions", "copy", "-days", days, "-out", certificate,
             "-CA", self.directory / f"{authority}.pem", "-CAkey", self.directory / f"{authority}.key"],
            stdin=request)
        key.chmod(0o644)  # QEMU of the secure profile is not root

    def equip(self, host, directory, authority="authority"):
        """Fill a host's certificate directory, unless it is filled."""
        if (directory / "client-cert.pem").exists():
            return
        directory.mkdir(exist_ok=True)
        shutil.copy(self.directory / f"{authority}.pem", directory / "ca-cert.pem")
        self.issue(host, directory / "server-key.pem", directory / "server-cert.pem",
                   [self._names.address(host)], authority)
        for kind in ("key", "cert"):
            shutil.copy(directory / f"server-{kind}.pem", directory / f"client-{kind}.pem")
