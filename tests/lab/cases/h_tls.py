"""Connections and memory streams through TLS, and everything that TLS must refuse."""

from contextlib import contextmanager

from casekit.case import BACK, COMMITTED, EITHER, Case, Expect
from labkit import faults, sniffer, tls

# In the memory of every guest, many times: its kernel, and the head of QEMU's stream.
CLEAR_WORDS = (b"Linux version", b"QEVM\0\0\0\3")


def certificates(scene):
    return tls.Certificates(scene.lab.names)


@contextmanager
def other_server(scene, name=None, **options):
    """The target's daemon shows another certificate."""
    directory = scene.target.work / "etc/pki"
    certificates(scene).issue(name or scene.target.name, directory / "other-key.pem", directory / "other-cert.pem",
                              [] if name else [scene.target.address], **options)
    with faults.configured(scene.target, libvirtd={"key_file": "/etc/libvirt/pki/other-key.pem",
                                                   "cert_file": "/etc/libvirt/pki/other-cert.pem",
                                                   # A daemon does not start with a certificate as bad as that.
                                                   "tls_no_sanity_certificate": 1}):
        yield


@contextmanager
def target_at(scene, uri):
    """vmferry's configuration has another URI for the target."""
    scene.ferry.configure({scene.source.name: scene.source.uri("tls"), scene.target.name: uri})
    try:
        yield
    finally:
        scene.ferry.configure({name: host.uri("tls") for name, host in scene.lab.hosts.items()})


def refused(scene, *causes, **options):
    """A move that must not begin: no transaction is in the journal, and the reason is said."""
    run = scene.migrate(**options).wait()
    for cause in causes:
        scene.check(cause in run.text(), f"it does not say '{cause}': {run.last_words()}")
    left = scene.ferry.run("status", "--json").answer.get("transactions")
    scene.check(left == [], f"the journal has {left}")
    return run


def wrong_name(scene):
    with other_server(scene, "elsewhere"):
        return refused(scene, f"is for elsewhere, not for {scene.target.address}")


def expired(scene):
    with other_server(scene, days="-1"):
        return refused(scene, "has expired")


def other_authority(scene):
    certificates(scene).make_authority("stranger")
    with other_server(scene, authority="stranger"):
        return refused(scene, "is not trusted by")


def no_client_certificate(scene):
    directory = scene.ferry.directory / "pki"
    directory.mkdir()
    (directory / "cacert.pem").write_bytes((certificates(scene).client / "cacert.pem").read_bytes())
    with target_at(scene, f"qemu+tls://{scene.target.address}/system?pkipath={directory}"):
        return refused(scene, f"there is no {directory}/clientcert.pem")


def no_tls_there(scene):
    """The port of the daemon without TLS: nothing but a handshake may be said to it."""
    with target_at(scene, f"qemu+tls://{scene.target.address}:16509/system?pkipath={certificates(scene).client}"):
        return refused(scene, "is it a TLS port of libvirt?")


def moves(scene):
    scene.move()
    return scene.migrate().wait()


def dropped_after_hold(scene):
    """The target's link dies while its reply is held behind TLS: the journal decides, not the link."""
    run, hold = scene.held_at("journal.COMMIT.after")
    scene.mark("killing the worker")
    run.kill_worker()
    hold.release()
    return run.wait()


def sniffed(clear, *words):
    """A move, and whether guest memory was seen on the wire: both must be as expected."""
    def story(scene):
        with sniffer.capture(scene.source, CLEAR_WORDS) as capture:
            run = scene.migrate(*words).wait()
        seen = sum(capture.found.values())
        scene.notes.append(f"{capture.stream_bytes >> 20} MiB of stream, {seen} clear words")
        scene.check(capture.stream_bytes > 1 << 20, f"only {capture.stream_bytes} bytes of a stream were seen")
        scene.check((seen > 0) == clear, f"words of the guest's memory on the wire: {capture.found}")
        return run
    return story


def required_by_configuration(scene):
    """Who forgets --tls gets it all the same."""
    path = scene.ferry.directory / "vmferry.toml"
    path.write_text(path.read_text() + "[defaults]\nrequire_tls = true\n")
    return sniffed(False)(scene)


def target_without_certificates(scene):
    """QEMU of the target has none: the move fails, and no byte of memory goes in clear text."""
    (scene.target.work / "etc/pki-none").mkdir(exist_ok=True)
    with faults.configured(scene.target, qemu={"default_tls_x509_cert_dir": "/etc/libvirt/pki-none"}), \
            sniffer.capture(scene.source, CLEAR_WORDS) as capture:
        run = scene.migrate("--tls").wait()
    scene.check(sum(capture.found.values()) == 0, f"memory in clear text: {capture.found}")
    scene.check("certificate" in run.text() or "pki-none" in run.text(), f"no word of it: {run.last_words()}")
    return run


def wrong_stream_name(scene):
    with sniffer.capture(scene.source, CLEAR_WORDS) as capture:
        run = scene.migrate("--tls", "--tls-destination", "elsewhere").wait()
    scene.check(sum(capture.found.values()) == 0, f"memory in clear text: {capture.found}")
    scene.check("QEMU's certificates" in run.text(), f"no word of certificates: {run.last_words()}")
    return run


_REFUSALS = {"wrong-name": (wrong_name, 77), "expired": (expired, 77), "other-authority": (other_authority, 77),
             "no-client-certificate": (no_client_certificate, 77), "no-tls-there": (no_tls_there, 69)}

CASES = [
    Case("tls/moves", moves, Expect(COMMITTED, exits=(0,)), uris="tls", core=True),
    Case("tls/killed-at-commit", dropped_after_hold, Expect(EITHER), uris="tls"),
    *(Case(f"tls/refused-{name}", story, Expect(BACK, exits=(code,), outage_s=2.0), uris="tls",
           core=name in ("wrong-name", "no-client-certificate"))
      for name, (story, code) in _REFUSALS.items()),
    Case("tls/memory-in-clear-is-seen", sniffed(True), Expect(COMMITTED, exits=(0,))),
    Case("tls/memory", sniffed(False, "--tls"), Expect(COMMITTED, exits=(0,)), core=True),
    Case("tls/memory-required", required_by_configuration, Expect(COMMITTED, exits=(0,))),
    Case("tls/memory-target-without", target_without_certificates, Expect(BACK, exits=(20,), outage_s=3.0)),
    Case("tls/memory-wrong-name", wrong_stream_name, Expect(BACK, exits=(20,), outage_s=3.0)),
]
