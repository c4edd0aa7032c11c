"""The ways to move a guest that are compared: vmferry, and virsh with its known settings.

Each gets the same time for a move. One that does not come to an end by itself is ended as an operator would do it,
and counts as not moved.
"""

from typing import NamedTuple

from labkit.shell import LabError

VIRSH_DOWNTIME_MS = 300  # QEMU's default
TUNED_DOWNTIME_MS = 10
CALL_MARGIN_S = 30


class Tool(NamedTuple):
    """`words` go to the command; the downtime limit is what virsh finds set."""
    vmferry: bool
    words: tuple = ()
    downtime_ms: int = VIRSH_DOWNTIME_MS


TOOLS = {
    "vmferry": Tool(True),
    "vmferry-fast": Tool(True, ("--profile", "fast")),
    "virsh": Tool(False),
    "virsh-tuned": Tool(False, ("--p2p",), TUNED_DOWNTIME_MS),
    "virsh-auto-converge": Tool(False, ("--auto-converge",)),
    "virsh-timeout-suspend": Tool(False, ("--timeout-suspend",)),
    # Both leave the image where the guest no longer is: removing it takes the file system longer than anything else.
    "vmferry-copy": Tool(True, ("--copy-storage", "--keep-source")),
    "virsh-copy": Tool(False, ("--copy-storage-all", "--migrate-disks", "vda")),
}


class Mover:
    """Moves one guest with any of them."""

    def __init__(self, guest_name, ferry, budget_s):
        self._guest = guest_name
        self._ferry = ferry
        self._budget_s = budget_s

    def prepare(self, name, source, target, disk):
        """virsh wants the image to be there already."""
        source.virsh("migrate-setmaxdowntime", self._guest, str(TOOLS[name].downtime_ms))
        if "--copy-storage-all" in TOOLS[name].words:
            target.run(["qemu-img", "create", "-q", "-f", disk["format"], disk["path"], f"{disk['size_mib']}M"])

    def clean(self, name, left, disk):
        """The image is left where the guest no longer is."""
        if any(word.startswith("--copy-storage") for word in TOOLS[name].words):
            left.path(disk["path"]).unlink()

    def move(self, name, source, target):
        """"moved"; "back" when it was given up and the guest runs as before; "unclean" for any other end of ours."""
        tool = TOOLS[name]
        if tool.vmferry:
            done = self._ferry.run("migrate", self._guest, target.name, "-c", source.name, "--json", *tool.words,
                                   "--timeout", f"{self._budget_s}s", limit=self._budget_s + CALL_MARGIN_S)
            return {0: "moved", 20: "back"}.get(done.exit, "unclean")
        return self._virsh(tool, source, target)

    def _virsh(self, tool, source, target):
        words = list(tool.words)
        if "--timeout-suspend" in words:
            words += ["--timeout", str(self._budget_s // 2)]
        try:
            source.virsh("migrate", "--live", "--persistent", "--undefinesource", *words, self._guest,
                         target.uri("tcp"), kind="tcp", timeout=self._budget_s)
        except LabError as error:
            if "no end within" not in str(error):
                raise
            # The client was ended, so the daemon gives up the job; asked again, in case it does not.
            source.virsh("domjobabort", self._guest, check=False)
            return "back"
        return "moved"
