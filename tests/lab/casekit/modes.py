"""One fault, told for each way of moving that it makes sense for."""

from .case import BACK, COMMITTED, LOADED, Case, Expect

GUARDED, WAIT, P2P = "guarded", "wait", "p2p"
WORDS = {GUARDED: (), WAIT: ("--switch", "wait"), P2P: ("--p2p",)}
# What virsh is told for a mode: it knows no guarded switch, and its own is vmferry's "wait".
_ROUTES = {GUARDED: "managed", WAIT: None, P2P: "p2p"}
EXITS = {BACK: (0, 20), COMMITTED: (0, 22)}


def in_modes(name, story, places, guest=LOADED, plain=True, core=(), exits=None, outage_s=None, **options):
    """Cases NAME/MODE of `story(scene, words)`. `places`: {mode: where the VM must be}; `core`: modes of tests/run."""
    for mode, place in places.items():
        route = _ROUTES[mode] if plain else None
        yield Case(f"{name}/{mode}", _worded(story, WORDS[mode]),
                   Expect(place, EXITS.get(place, ()) if exits is None else exits, outage_s), guest,
                   core=mode in core, plain=f"{name}/{route}" if route else "", **options)


def _worded(story, words):
    return lambda scene: story(scene, words)


def settled(scene, run):
    """The run that counts: the call's own, when nothing is open or owed; else the recovery that cron would start."""
    if run.exit in (0, 10, 20):
        return run
    scene.notes.append(f"at first exit {run.exit} after {run.seconds:.1f} s")
    return scene.settle_patiently()
