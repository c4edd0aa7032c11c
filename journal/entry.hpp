// One row of the journal: what a transaction intended, did or decided. The journal knows nothing of
// libvirt; `object` and `body` are the engine's words.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/shared_json.hpp"
#include "core/base/uuid.hpp"

namespace vmferry::journal {

/// The entries of a transaction, in the order in which they can come. The names are part of the
/// interface: `status`, `audit` and the manuals show them.
enum class Kind {
    begin,          ///< BEGIN: plan digest, actor, before image. Nothing has been touched.
    ledger,         ///< LEDGER(object): about to create or change `object`; durable before the act.
    done,           ///< DONE(object): the act of the last LEDGER(object) happened (proof in the body).
    reserved,       ///< RESERVED: everything that can be prepared is.
    copied,         ///< COPIED(object): an image of a VM that is off was copied, read back and compared (body: digest).
    all_ready,      ///< ALL_READY: each copy of a disk is complete; of a VM that runs it follows the guest's writes.
    pivot_intent,   ///< PIVOT_INTENT: durable before the guest is paused and its disks change their images.
    switch_intent,  ///< SWITCH_INTENT: durable before the migrate call, which may switch at any time.
    postcopy,       ///< POSTCOPY: durable before the switch to post-copy, after which neither side alone holds the VM.
    commit,         ///< COMMIT: the target owns the VM from here on.
    abort_intent,   ///< ABORT_INTENT: from here on COMMIT is forbidden.
    fenced,         ///< FENCED: the source's emulator was ended by us and provably runs no more.
    resumed,        ///< RESUMED: the target was seen running.
    announced,      ///< ANNOUNCED: the network was told.
    verified,       ///< VERIFIED: the target was checked.
    released,       ///< RELEASED: source definition and leftovers are gone.
    undoing,        ///< UNDOING(object): about to reverse LEDGER(object).
    undone,         ///< UNDONE(object): a compensation record; undo is never undone.
    debt,           ///< DEBT(object): clean-up that is still owed.
    settled,        ///< SETTLED(object): a debt was paid.
    note,           ///< NOTE: a fact worth keeping (a failure and its cause, an operator's word).
    end,            ///< END(outcome): nothing more will be done, apart from debts. `object` is the outcome.
};

[[nodiscard]] std::string_view to_string(Kind kind);  // "SWITCH_INTENT"
[[nodiscard]] Result<Kind> parse_kind(std::string_view text);

/// What a writer hands in.
struct Draft {
    Kind kind{};
    std::string object;  ///< What it is about, e.g. "marker:source"; may be empty.
    SharedJson body;     ///< Facts. Never a secret.
};

/// Who caused an entry. Written with every row.
struct Actor {
    uint32_t uid = 0;
    int64_t login_uid = -1;  ///< /proc/self/loginuid; -1 when there is none.
    std::string sudo_user;   ///< SUDO_USER, or empty.
    std::string origin;      ///< tty, systemd unit or session scope, or "cron"; empty when unknown.
    std::string machine;     ///< Host name of the machine vmferry runs on.
    int64_t pid = 0;
    std::string invocation;  ///< INVOCATION_ID of the systemd unit, or empty.

    [[nodiscard]] static Actor of_this_process();
    [[nodiscard]] Json to_json() const;
    /// Fields that are missing or of another type keep their defaults.
    [[nodiscard]] static Actor from_json(const Json& json);
};

/// What the journal holds: a Draft with its place, time, actor and link of the hash chain.
struct Entry {
    int64_t sequence = 0;  ///< Over all transactions; without gaps.
    Uuid transaction;
    Kind kind{};
    std::string object;
    SharedJson body;
    Actor actor;
    int64_t at_ms = 0;          ///< Wall clock; order is given by `sequence` alone.
    std::string previous_hash;  ///< 64 hexadecimal digits; the first row's are all zero.
    std::string hash;
};

}  // namespace vmferry::journal
