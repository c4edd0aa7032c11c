#include "cli/codes.hpp"

#include <array>

namespace vmferry::cli {

namespace {

/// VMF-E000 to E143 are the exit codes, for an error that has no code of its own.
constexpr std::array k_codes{
    Code{"VMF-E001", "an act was refused or failed before anything was changed",
         "The VM is untouched and nothing was created.",
         "libvirt, the operating system or a directory said no; the line 'cause' has its words.",
         "Read the cause. The same command with -vv shows the step at which it happened."},
    Code{"VMF-E002", "an act got no answer",
         "Whether it happened is not known from the answer; the lines below it tell what was seen afterwards.",
         "The connection to a host, or its daemon, went away between question and answer.",
         "Look at the host. vmferry has observed both hosts again and did not guess."},
    Code{"VMF-E010", "a check refused", "The VM is untouched.",
         "A precheck or a hook found something because of which the move would not end well.",
         "vmferry precheck VM DEST lists everything at once. Correct it, or name the check in --accept when you "
         "know better."},
    Code{"VMF-E020", "the move was rolled back",
         "The VM is where it was, in the state it had, and that was compared field by field.",
         "A phase failed before the point of no return.",
         "The line before says why. Correct it and run the same command again."},
    Code{"VMF-E021", "rolled back, something could not be cleaned up yet",
         "The VM is as it was, verified. Something created for the move is still there, and in the journal as a debt.",
         "A host went away during the clean-up, or a second Ctrl-C asked to leave it for later.",
         "vmferry rollback TX pays the debts; vmferry status lists them."},
    Code{"VMF-E022", "at the target, a later step is still owed",
         "The VM runs at the target, verified. A step after the switch (announcement, removal at the source, hook) "
         "failed.",
         "The source went away after the switch, or a daemon refused a step.",
         "vmferry rollback TX finishes what is owed; it does not move the VM back while something is owed."},
    Code{"VMF-E030", "in doubt",
         "Where the VM runs could not be proven. Nothing was started and nothing more is destroyed.",
         "A host does not answer, the memory of the VM was in flight, or vmferry was ended at once (third Ctrl-C).",
         "Bring the named host back and run vmferry rollback TX. Only when you know that a host is off or fenced: "
         "--host-dead HOST."},
    Code{"VMF-E031", "rolled back, but not as before",
         "The VM is at the source and its state is known, but a field differs from what it was before the move.",
         "Somebody or something else changed it meanwhile, or a step could not be taken back.",
         "The fields are named. vmferry audit TX tells what was done; set them right by hand."},
    Code{"VMF-E032", "the memory of the VM is lost", "The VM runs nowhere. Its disks are intact.",
         "The target was lost after the switch, when the source's copy was ended already; both hosts failed; or a host "
         "was lost in post-copy.",
         "Start it where its disks are; the command is printed. Inside the guest it looks like a power failure."},
    Code{"VMF-E064", "wrong usage", "Nothing was touched.",
         "An unknown word or option, a value of the wrong kind, or a malformed URI.", "vmferry COMMAND --help"},
    Code{"VMF-E065", "a plan cannot be used", "Nothing was touched.",
         "The plan is unreadable, was changed, has expired, or a fact that it relies on is no longer so.",
         "Make the plan anew."},
    Code{"VMF-E066", "there is no such VM, transaction or file", "Nothing was touched.",
         "A typing error, or the VM is on another host than the one that was asked.",
         "virsh -c URI list --all shows the VMs of a host, vmferry audit the transactions."},
    Code{"VMF-E068", "unknown host", "Nothing was touched.",
         "The name is neither a [host.NAME] of the configuration nor an alias of libvirt.",
         "vmferry config show lists the hosts that are known. Add it, or give a URI."},
    Code{"VMF-E069", "a host does not answer",
         "When it is the last line before anything began, nothing was touched; otherwise the lines after it say where "
         "the VM is.",
         "The host, its daemon, or the network between is down or too slow.",
         "virsh -c URI version shows whether libvirt reaches it."},
    Code{"VMF-E070", "a bug of vmferry, or no memory", "Before any change the VM is untouched; later it was put back.",
         "Something happened that must not.", "Report it, with the output of the same command with -vv."},
    Code{"VMF-E074", "the journal cannot be trusted or not be written durably",
         "Nothing was touched: what cannot be journaled is not done.",
         "The disk is full or read-only, the place is volatile (tmpfs) or remote (NFS), permission is missing, or the "
         "file is damaged.",
         "The message names it. vmferry audit --verify looks for damage. --journal FILE uses another one."},
    Code{"VMF-E075", "not now", "Nothing was touched.",
         "Another vmferry, or a job of libvirt, works on the VM; or a hook said so.",
         "Try again later; --lock-wait TIME waits for another vmferry. vmferry status shows what is under way."},
    Code{"VMF-E077", "a host refused us", "Nothing was touched.",
         "polkit, an access list or the authentication said no.",
         "Use root, the group libvirt, or credentials that the host accepts."},
    Code{"VMF-E078", "a mistake in the configuration", "Nothing was touched.",
         "An unknown key, a value of the wrong type, a key file that everybody may read, or an unsafe hook.",
         "The message names file, line and column. vmferry config check tells whether all is well."},
    Code{"VMF-E101", "only a running VM can announce itself", "Nothing was touched.",
         "The VM is off or paused on this host; perhaps it runs on another.",
         "Give the host that runs it: vmferry announce -c HOST VM."},
    Code{"VMF-E102", "nobody was seen to know the way to the VM", "The announcement was sent; the VM is as it was.",
         "The VM's own firewall does not answer, the probed address is wrong, or a switch did not learn.",
         "Ask the VM from elsewhere; --probe ADDRESS asks at the address that you give."},
    Code{"VMF-E130", "stopped by INT (Ctrl-C)", "The VM is where it was, verified.",
         "You asked for it before the point of no return.", "Run the same command again when you like."},
    Code{"VMF-E143", "stopped by TERM", "The VM is where it was, verified.",
         "Somebody, or systemd, ended vmferry before the point of no return.",
         "Run the same command again. In a unit use KillMode=mixed and a TimeoutStopSec of minutes."},
    Code{"VMF-E170", "the worker died",
         "The guardian settled what the worker left; the lines after it say where the VM is.",
         "kill -9, the out-of-memory killer, or a crash.",
         "Look for the reason in the kernel's log; report a crash. Nothing has to be repaired."},
    Code{"VMF-E175", "the VM is under way already", "Nothing was touched.", "Another vmferry works on it.",
         "vmferry status TX --wait waits for it."},
    Code{"VMF-E176", "the VM has an unfinished transaction", "Nothing was touched by this command.",
         "A vmferry was ended before it could settle.", "vmferry rollback TX, then the same command again."},
    Code{"VMF-E177", "still under way when the time was over", "The transaction goes on.",
         "vmferry status --wait waited no longer than --timeout.", "vmferry status TX --wait"},
    Code{"VMF-E178", "the journal is an older copy of itself",
         "Nothing was started or destroyed. The hosts know more than this journal.",
         "The journal was restored from a backup, or brought here from elsewhere: a host bears the marker of a later "
         "transaction, or the target's marker says that COMMIT was durable and this journal has none.",
         "Use the newest journal. If it is lost: vmferry rollback --from-hosts SOURCE,TARGET settles what the markers "
         "tell, and ends what this journal still has open."},
    Code{"VMF-E180", "a hook refused or failed",
         "Before the switch: nothing of the VM was changed, or it was put back. After it: the VM is at the target.",
         "An executable of the hook directory ended with a code other than 0, ran longer than its limit, or may be "
         "changed by others than root.",
         "Run the hook by hand with the same words; vmferry audit TX shows its name, exit code and time."},
    Code{"VMF-E181", "the journal is not what was written", "Nothing was touched.",
         "A row was changed, removed, inserted or moved by something that is not vmferry, or the disk lost it. Each "
         "such row is named.",
         "Keep the file as evidence (cp -a), compare it with an export that was kept elsewhere, and begin a new "
         "journal once no transaction of it is unfinished."},
    Code{"VMF-E190", "a transaction of vmferry holds the VM", "Nothing was touched.",
         "The VM bears the marker of a move that is not settled, so it is not one that others left behind.",
         "vmferry rollback TX where its journal is, or vmferry rollback --from-hosts SOURCE,TARGET when that is lost."},
    Code{"VMF-E192", "a move of the drill ended otherwise than planned", "The last lines say where the VM is.",
         "A check refused, or a host failed by itself: the cause has the words of that move.",
         "vmferry migrate VM DEST shows whether the VM can be moved at all."},
    Code{"VMF-E193", "the drill found the VM otherwise than it should be",
         "It stays as it was found, to be looked at; nothing more is started.",
         "A bug of vmferry, or somebody else acted on the VM during the drill.",
         "vmferry status --doctor VM --hosts A,B names what it is in; vmferry audit TX what was done. Report it."},
    Code{"VMF-M021", "the memory never converged", "The move was rolled back: the VM is where it was, verified.",
         "The guest changes its memory as fast as it is sent, until --timeout or --stall-timeout was over.",
         "A profile with more downtime or with auto-converge (--profile fast), more bandwidth, or a quieter hour. "
         "--postcopy moves it in any case, and gives up the way back."},
};

}  // namespace

std::span<const Code> error_codes() { return k_codes; }

}  // namespace vmferry::cli
