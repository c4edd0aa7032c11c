"""One frame of libvirt's protocol is lost, late, or the last of its connection.

Managed, vmferry speaks to both daemons; with --p2p the source's daemon speaks to the target's, and vmferry only
waits for Perform.
"""

from casekit.case import BACK, COMMITTED
from casekit.modes import GUARDED, P2P, WAIT, in_modes, settled

LATE_S = 2.0
_AT_SOURCE = ("begin3", "perform3", "confirm3")


def frame(procedure, direction, action):
    """The first frame of that kind meets its fate."""
    def story(scene, words):
        with scene.relayed(scene.source if procedure in _AT_SOURCE else scene.target) as relay:
            rule = relay.rule(procedure, direction, action, seconds=LATE_S, times=1)
            # A connection that lives and answers nothing looks like a Prepare that takes long: only time ends it.
            run = scene.migrate(*words, *(("--timeout", "10s") if action == "drop" else ()))
            rule.wait()
            scene.mark(f"{action}: {direction} of {procedure}")
            run.wait()
        return settled(scene, run)
    return story


# Where the VM must be; a mode that is not named does not know the frame.
_BACK, _ON = {GUARDED: BACK}, {GUARDED: COMMITTED}
_TABLE = {
    ("begin3", "call", "reset"): _BACK, ("begin3", "reply", "reset"): _BACK,
    ("prepare3", "call", "reset"): {GUARDED: BACK, P2P: BACK}, ("prepare3", "reply", "reset"): {GUARDED: BACK, P2P: BACK},
    ("prepare3", "reply", "drop"): {GUARDED: BACK, P2P: BACK},
    ("perform3", "call", "reset"): {GUARDED: BACK, P2P: BACK}, ("perform3", "reply", "reset"): _BACK,
    ("finish3", "call", "reset"): {GUARDED: BACK, WAIT: BACK, P2P: BACK},
    ("finish3", "call", "drop"): {GUARDED: BACK, P2P: BACK},
    ("finish3", "reply", "reset"): _BACK,
    # The source's daemon still waits for it when the fence ends the source where it stands.
    ("finish3", "reply", "drop"): {GUARDED: BACK, P2P: COMMITTED},
    # Without the held reply nothing is decided before libvirt's call returns: one whose Confirm never came stays.
    ("confirm3", "call", "reset"): {GUARDED: COMMITTED, WAIT: BACK},
    ("confirm3", "call", "drop"): _ON, ("confirm3", "reply", "reset"): {GUARDED: COMMITTED, WAIT: COMMITTED},
    ("begin3", "reply", "delay"): _ON, ("prepare3", "reply", "delay"): {GUARDED: COMMITTED, P2P: COMMITTED},
    ("perform3", "reply", "delay"): _ON, ("finish3", "reply", "delay"): {GUARDED: COMMITTED, WAIT: COMMITTED,
                                                                          P2P: COMMITTED},
    ("confirm3", "reply", "delay"): _ON,
}
_CORE = (("finish3", "reply", "reset"), ("begin3", "call", "reset"))

CASES = [case for (procedure, direction, action), places in _TABLE.items()
         for case in in_modes(f"protocol/{procedure}-{direction}-{action}", frame(procedure, direction, action), places,
                              core=(GUARDED,) if (procedure, direction, action) in _CORE else ())]
