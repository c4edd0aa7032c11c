// Prechecks: read-only conditions that decide whether a move will end well. Each is one file that
// registers itself; all findings are given at once. Conditions that cannot be seen through libvirt
// are reported as "not checked" (info), never silently passed; where safety depends on such a
// condition, and where a host gives no answer, the finding is an error.
//
// - An id names one question and is stable for ever; it is the key of `vmferry explain` and of
//   `--accept`. A check may answer several closely related questions: each has its own Topic.
// - A condition that does not concern this VM ("no TPM") is a finding `ok` with the fact
//   `applies: false`, so that a report may leave it out.

#pragma once

#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/model/domain.hpp"
#include "core/model/finding.hpp"
#include "core/model/host.hpp"
#include "core/model/owner.hpp"
#include "core/model/storage_move.hpp"
#include "core/world/host.hpp"
#include "core/world/image_inspector.hpp"

namespace vmferry::checks {

/// Where a check must announce what a proof writes, before it writes: the transaction's ledger.
/// run_checks never calls it from two threads at once.
class ProbeLedger {
public:
    virtual ~ProbeLedger() = default;
    /// Durable before it returns ok.
    [[nodiscard]] virtual Result<> creating(model::Side side, const world::ProbeVolume& probe) = 0;
    [[nodiscard]] virtual Result<> removed(model::Side side, const world::ProbeVolume& probe) = 0;
};

/// What a nonce told about one directory.
struct DirectoryProof {
    enum class Verdict { shared, not_shared, not_provable };
    Verdict verdict = Verdict::not_provable;
    std::string reason;                  ///< Why not shared, or why it could not be proved.
    std::vector<std::string> leftovers;  ///< What could not be removed; the ledger still lists it.
};

/// What checks proved, beyond their findings. Guarded by its own mutex: checks run side by side.
class Proofs {
public:
    /// Several checks may speak of one disk (image, backing image): one `false` outweighs any `true`.
    void disk_shared(const std::string& target, bool shared);
    /// True only when sharing of this disk was proved.
    [[nodiscard]] bool is_disk_shared(const std::string& target) const;
    /// It was proved not to be shared, and is to be copied.
    void disk_copied(const std::string& target);
    [[nodiscard]] bool is_disk_copied(const std::string& target) const;
    void nvram_shared(bool shared);
    [[nodiscard]] bool is_nvram_shared() const;
    void nvram_at_target(bool exists);
    /// True unless the target was seen to have no such file: only then may a roll-back remove it.
    [[nodiscard]] bool may_nvram_be_at_target() const;

    /// The proof of one directory, made once by the first who asks; others wait for it. Only the
    /// first is told of leftovers, so that they are reported once.
    [[nodiscard]] DirectoryProof directory(const std::string& directory, const std::function<DirectoryProof()>& prove);

private:
    mutable std::mutex m_mutex;
    std::map<std::string, bool> m_disks;
    std::set<std::string> m_copied;
    std::map<std::string, std::shared_future<DirectoryProof>> m_directories;
    bool m_nvram = false;
    bool m_nvram_at_target = true;
};

/// All that a check may look at. Borrowed for the time of run().
struct CheckContext {
    const model::DomainFacts& domain;
    const model::HostFacts& source_facts;
    const model::HostFacts& target_facts;
    const std::vector<world::Inspector::Resident>& target_residents;
    world::Host& source;
    world::Host& target;
    std::string migrate_host;     ///< Host part of the migration URI if one is set; empty: the target's host name.
    std::string transaction;      ///< Names of probes are derived from it.
    std::string cache_directory;  ///< For facts about host pairs that may be remembered; empty: do not.
    ProbeLedger& ledger;
    Proofs& proofs;
    /// How long the target may take to see a file that the source wrote (caches of network file systems).
    Milliseconds probe_patience{3000};
    /// Disks that are copied when they are proved not to be shared.
    std::span<const model::DiskMove> copies{};
    /// Null: nobody asked what is on the disks.
    world::ImageInspector* images = nullptr;
    /// What is not shared is to be copied.
    bool copies_wanted = false;
};

/// One question, and what `vmferry explain` says about it.
struct Topic {
    std::string_view id;           ///< "VMF-S001".
    std::string_view title;        ///< One line.
    std::string_view explanation;  ///< What it looks at, why it matters, and what to do about it.
};

/// A precheck: its questions and the function that answers them.
class Check {
public:
    /// Gives at least one finding, each with the id of one of the topics. A question that could not
    /// be asked is a finding too, never an exception.
    using Function = std::vector<model::Finding> (*)(CheckContext& context);

    /// `topics` must outlive the check and must not be empty.
    constexpr Check(std::span<const Topic> topics, Function function) : m_topics(topics), m_function(function) {}

    [[nodiscard]] std::span<const Topic> topics() const { return m_topics; }
    /// Of the first topic.
    [[nodiscard]] std::string_view id() const { return m_topics.front().id; }
    [[nodiscard]] std::string_view title() const { return m_topics.front().title; }
    [[nodiscard]] std::string_view explanation() const { return m_topics.front().explanation; }
    [[nodiscard]] std::vector<model::Finding> run(CheckContext& context) const { return m_function(context); }

private:
    std::span<const Topic> m_topics;
    Function m_function;
};

/// All checks, ordered by id.
[[nodiscard]] const std::vector<const Check*>& all_checks();
/// All topics of all checks, ordered by id.
[[nodiscard]] const std::vector<Topic>& all_topics();
/// The topic of that id, in any case of letters.
[[nodiscard]] std::optional<Topic> find_topic(std::string_view id);

/// Puts a check on the registry; used through VMF_REGISTER_CHECK at the end of its file.
class Registration {
public:
    explicit Registration(const Check* check);
};

/// `name` is unique in the file; `topics` an array of Topic; `function` a Check::Function.
#define VMF_REGISTER_CHECK(name, topics, function)                                                                     \
    namespace {                                                                                                        \
    const ::vmferry::checks::Check name##_check(topics, function);                                                     \
    const ::vmferry::checks::Registration name##_registration(&name##_check);                                          \
    }

/// Runs all checks (or those that answer an id in `only`), several side by side, and returns their
/// findings ordered by id. Findings whose id is in `skip`, or not in a non-empty `only`, are left
/// out. Errors whose id is in `accepted` are marked so.
[[nodiscard]] std::vector<model::Finding> run_checks(CheckContext& context, const std::vector<std::string>& only,
                                                     const std::vector<std::string>& skip,
                                                     const std::vector<std::string>& accepted);
/// The same for a given list of checks.
[[nodiscard]] std::vector<model::Finding> run_checks(std::span<const Check* const> checks, CheckContext& context,
                                                     const std::vector<std::string>& only,
                                                     const std::vector<std::string>& skip,
                                                     const std::vector<std::string>& accepted);

}  // namespace vmferry::checks
