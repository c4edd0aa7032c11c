"""Another administrator acts on the VM with virsh: while memory flows, in the window, after a crash."""

import subprocess
import time

from casekit.case import BACK, COMMITTED, KEPT, OFF
from casekit.modes import GUARDED, P2P, in_modes, settled

BEFORE_COMMIT, AFTER_COMMIT = "journal.COMMIT.before", "journal.COMMIT.after"
DEED_S = 0.5   # a command that libvirt lets through is done by then


class Deed:
    """One virsh command, at "source" or "target". libvirt may make it wait for the job's end."""

    def __init__(self, side, *words):
        self.side, self.words = side, words

    def __str__(self):
        return f"{self.words[0]}-{self.side}"

    def begin(self, scene):
        host = getattr(scene, self.side)
        words = [word.format(name=scene.guest.name, target=scene.target.uri("tcp")) for word in self.words]
        scene.mark(f"a human: virsh {' '.join(words)} on {host.name}")
        human = subprocess.Popen(["virsh", "-q", "-c", host.uri("unix"), *words], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            human.wait(DEED_S)
        except subprocess.TimeoutExpired:
            pass
        return human


def _end(scene, human):
    _, error = human.communicate(timeout=60)
    refusal = error.strip().splitlines()
    scene.notes.append(f"virsh said: {refusal[0][:60]}" if refusal else "virsh did it")


def in_precopy(deed):
    def story(scene, words):
        run = scene.migrate(*words)
        scene.wait_precopy(run)
        time.sleep(0.3)
        human = deed.begin(scene)
        scene.hurry()
        run.wait()
        _end(scene, human)
        return settled(scene, run)
    return story


def in_window(deed, point=BEFORE_COMMIT):
    """The target is loaded; vmferry has asked its last question."""
    def story(scene, words):
        run, hold = scene.held_at(point)
        human = deed.begin(scene)
        hold.release()
        run.wait()
        _end(scene, human)
        return settled(scene, run)
    return story


def in_prepare(deed):
    """The source has begun; the target's answer that it is ready is still on its way."""
    def story(scene, words):
        with scene.relayed(scene.target) as relay:
            rule = relay.rule("prepare3", "reply", "hold", times=1)
            run = scene.migrate(*words)
            rule.wait()
            human = deed.begin(scene)
            rule.release()
            run.wait()
        _end(scene, human)
        return settled(scene, run)
    return story


def target_undefined(scene, words):
    """It runs there and would be gone after its next stop: the source keeps the only definition until it is not."""
    run, hold = scene.held_at(BEFORE_COMMIT)
    _end(scene, UNDEFINE("target").begin(scene))
    hold.release()
    run.wait()
    scene.check_exit(run, 22)
    scene.check("no definition" in run.text() or "not persistent" in run.text() or "transient" in run.text(),
                f"no word of it: {run.last_words()}")
    known = scene.source.virsh("list", "--all", "--name", "--persistent").split()
    scene.check(scene.guest.name in known, "the source has given up the only definition")
    draft = scene.ferry.directory / "again.xml"
    draft.write_text(scene.target.virsh("dumpxml", "--inactive", scene.guest.name))
    scene.target.virsh("define", draft)
    return scene.settle()


def after_crash(deed, point):
    """Nobody recovers; a human does what seems right to him, and then somebody calls rollback."""
    def story(scene, words):
        scene.migrate(*words, points=[f"{point}=crash-group"]).wait()
        _end(scene, deed.begin(scene))
        return scene.settle_patiently()
    return story


DESTROY, SUSPEND, RESUME, UNDEFINE = (lambda side, word=word: Deed(side, word, "{name}")
                                      for word in ("destroy", "suspend", "resume", "undefine"))


_ALL = {GUARDED: COMMITTED, P2P: COMMITTED}
_PRECOPY = [
    # libvirt takes it for help to converge (virsh migrate --timeout does just that), and so does it arrive running.
    (SUSPEND("source"), {GUARDED: COMMITTED, P2P: COMMITTED}, {}),
    (DESTROY("source"), {GUARDED: OFF, P2P: OFF}, {"again": False, "exits": ()}),
    (DESTROY("target"), {GUARDED: BACK, P2P: BACK}, {}),
    (UNDEFINE("source"), {GUARDED: COMMITTED}, {"fresh": True}),
    (Deed("source", "reset", "{name}"), {GUARDED: COMMITTED}, {}),
    (Deed("source", "migrate", "--live", "{name}", "{target}"), _ALL, {}),
    (Deed("source", "desc", "{name}", "--config", "--new-desc", "edited"), {GUARDED: COMMITTED}, {}),
    (Deed("source", "domjobabort", "{name}"), {GUARDED: BACK, P2P: BACK}, {}),
    (Deed("target", "domjobabort", "{name}"), _ALL, {}),
    (RESUME("target"), {GUARDED: COMMITTED}, {}),
]
_WINDOW = [
    # libvirt refuses it: the job of the migrate call is still there.
    (RESUME("source"), {GUARDED: COMMITTED}, {}), (RESUME("target"), {GUARDED: COMMITTED}, {}),
    (DESTROY("source"), {GUARDED: COMMITTED}, {}), (DESTROY("target"), {GUARDED: BACK}, {}),
    (SUSPEND("source"), {GUARDED: COMMITTED}, {}), (UNDEFINE("source"), {GUARDED: COMMITTED}, {}),
    (Deed("source", "domjobabort", "{name}"), {GUARDED: COMMITTED}, {}),
]
_AFTER = [
    (RESUME("source"), BEFORE_COMMIT, BACK, {}), (RESUME("target"), BEFORE_COMMIT, COMMITTED, {}),
    (DESTROY("target"), BEFORE_COMMIT, BACK, {}), (DESTROY("source"), BEFORE_COMMIT, KEPT, {"again": False, "exits": (30,)}),
    (RESUME("target"), AFTER_COMMIT, COMMITTED, {}), (DESTROY("source"), AFTER_COMMIT, COMMITTED, {}),
]


def _cases():
    for deed, places, options in _PRECOPY:
        yield from in_modes(f"human/precopy/{deed}", in_precopy(deed), places, slow=True,
                            core=(GUARDED,) if str(deed) == "destroy-source" else (), **options)
    for deed, places, options in _WINDOW:
        yield from in_modes(f"human/window/{deed}", in_window(deed), places,
                            core=(GUARDED,) if str(deed) == "resume-source" else (), **options)
    yield from in_modes("human/window/undefine-target", target_undefined, {GUARDED: COMMITTED})
    yield from in_modes("human/prepare/destroy-source", in_prepare(DESTROY("source")), {GUARDED: OFF, P2P: OFF},
                        exits=(), again=False)
    for deed, point, place, options in _AFTER:
        name = f"human/{'before' if point == BEFORE_COMMIT else 'after'}-commit-killed/{deed}"
        yield from in_modes(name, after_crash(deed, point), {GUARDED: place}, **options)


CASES = list(_cases())
