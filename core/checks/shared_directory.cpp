#include "core/checks/shared_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

using Verdict = DirectoryProof::Verdict;

constexpr Milliseconds k_probe_pause{200};
constexpr int k_remove_attempts = 2;

/// One nonce in one directory, from its announcement to its removal. It is looked for through the target, or, with
/// `here`, on the machine vmferry runs on.
class Probe {
public:
    Probe(CheckContext& context, const std::string& directory, world::ImageInspector* here = nullptr)
        : m_context(context), m_here(here)
    {
        const std::string nonce = Uuid::make_v7().str();
        const std::string name =
            fmt::format("vmferry-probe-{}-{}", context.transaction, nonce.substr(nonce.size() - 12));
        m_volume = {directory, name, name};
        m_content = fmt::format("vmferry shared storage probe {} {}\n", context.transaction, nonce);
    }

    DirectoryProof run()
    {
        DirectoryProof proof = write_and_read();
        proof.leftovers = clean_up();
        return proof;
    }

private:
    DirectoryProof write_and_read()
    {
        if (const auto noted = m_context.ledger.creating(model::Side::source, m_volume); !noted) {
            return unproved("the journal refused the entry", noted.error());
        }
        m_noted_source = true;
        if (const auto created = m_context.source.datastore().create_probe(m_volume, m_content); !created) {
            m_delete_volume = created.error().kind() != ErrorKind::failed;
            return unproved(m_context.source_facts.label + " cannot write there", created.error());
        }
        m_delete_volume = true;
        if (m_here != nullptr) {
            return look_here();
        }
        if (const auto noted = m_context.ledger.creating(model::Side::target, m_volume); !noted) {
            return unproved("the journal refused the entry", noted.error());
        }
        m_noted_target = true;
        return look_through_target();
    }

    /// A cache may hide what was written just now, but not an image that has been there for long: a target that lacks
    /// both need not be waited for.
    bool target_lacks_images()
    {
        for (const model::DiskMove& copy : m_context.copies) {
            const bool here = probe_directory(copy.from) == m_volume.directory;
            if (here && is_missing(copy.from)) {
                return is_missing(m_volume.directory + "/" + m_volume.name);
            }
        }
        return false;
    }

    bool is_missing(const std::string& path)
    {
        const auto seen = m_context.target.datastore().file_exists(path);
        return seen && !*seen;
    }

    DirectoryProof look_through_target()
    {
        if (target_lacks_images()) {
            return {Verdict::not_shared,
                    fmt::format("neither the image nor a file written through {} is there through {}",
                                m_context.source_facts.label, m_context.target_facts.label),
                    {}};
        }
        const Deadline deadline(m_context.probe_patience);
        while (true) {
            const auto seen = m_context.target.datastore().read_probe(m_volume);
            if (!seen) {
                return unproved(m_context.target_facts.label + " cannot look there", seen.error());
            }
            if (*seen && **seen == m_content) {
                return {Verdict::shared, {}, {}};
            }
            if (deadline.over()) {
                return {Verdict::not_shared,
                        fmt::format("a file written through {} {} through {}", m_context.source_facts.label,
                                    *seen ? "has other content" : "is not there", m_context.target_facts.label),
                        {}};
            }
            std::this_thread::sleep_for(std::min(k_probe_pause, deadline.left()));
        }
    }

    DirectoryProof look_here()
    {
        const Deadline deadline(m_context.probe_patience);
        while (m_here->beginning_of(m_volume.directory + "/" + m_volume.name) != m_content) {
            if (deadline.over()) {
                return {Verdict::not_shared,
                        fmt::format("a file written through {} cannot be read here", m_context.source_facts.label),
                        {}};
            }
            std::this_thread::sleep_for(std::min(k_probe_pause, deadline.left()));
        }
        return {Verdict::shared, {}, {}};
    }

    std::vector<std::string> clean_up()
    {
        std::vector<std::string> leftovers;
        if (m_noted_target) {
            remove(model::Side::target, false, leftovers);
        }
        if (m_noted_source) {
            remove(model::Side::source, m_delete_volume, leftovers);
        }
        return leftovers;
    }

    void remove(model::Side side, bool delete_volume, std::vector<std::string>& leftovers)
    {
        const bool on_source = side == model::Side::source;
        world::Host& host = on_source ? m_context.source : m_context.target;
        auto removed = host.datastore().remove_probe(m_volume, delete_volume);
        for (int attempt = 1; !removed && attempt < k_remove_attempts; ++attempt) {
            removed = host.datastore().remove_probe(m_volume, delete_volume);
        }
        if (removed) {
            removed = m_context.ledger.removed(side, m_volume);
        }
        if (!removed) {
            leftovers.push_back(fmt::format("{}:{}/{} ({})",
                                            on_source ? m_context.source_facts.label : m_context.target_facts.label,
                                            m_volume.directory, m_volume.name, removed.error().what()));
        }
    }

    [[nodiscard]] static DirectoryProof unproved(const std::string& what, const Error& why)
    {
        return {Verdict::not_provable, fmt::format("{}: {}", what, why.text()), {}};
    }

    CheckContext& m_context;
    world::ImageInspector* m_here;
    world::ProbeVolume m_volume;
    std::string m_content;
    bool m_noted_source = false;
    bool m_noted_target = false;
    bool m_delete_volume = false;
};

bool is_below(const std::string& directory, std::string_view parent)
{
    return directory.starts_with(parent) && (directory.size() == parent.size() || directory[parent.size()] == '/');
}

}  // namespace

DirectoryProof prove_directory(CheckContext& context, const std::string& directory)
{
    return context.proofs.directory(directory, [&] { return Probe(context, directory).run(); });
}

DirectoryProof prove_directory_here(CheckContext& context, world::ImageInspector& here, const std::string& directory)
{
    return context.proofs.directory("here:" + directory, [&] { return Probe(context, directory, &here).run(); });
}

std::string probe_directory(const std::string& path)
{
    if (!path.starts_with('/') || (path + '/').find("/../") != std::string::npos) {
        return {};
    }
    std::string directory = path.substr(0, path.rfind('/'));
    while (directory.ends_with('/')) {
        directory.pop_back();
    }
    const bool kernels_own = is_below(directory, "/dev") || is_below(directory, "/proc") || is_below(directory, "/sys");
    return kernels_own ? std::string() : directory;
}

}  // namespace vmferry::checks
