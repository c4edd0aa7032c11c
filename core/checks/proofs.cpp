#include <exception>

#include "core/checks/check.hpp"

namespace vmferry::checks {

void Proofs::disk_shared(const std::string& target, bool shared)
{
    const std::scoped_lock lock(m_mutex);
    const auto [entry, is_new] = m_disks.try_emplace(target, shared);
    if (!is_new) {
        entry->second = entry->second && shared;
    }
}

bool Proofs::is_disk_shared(const std::string& target) const
{
    const std::scoped_lock lock(m_mutex);
    const auto entry = m_disks.find(target);
    return entry != m_disks.end() && entry->second;
}

void Proofs::disk_copied(const std::string& target)
{
    const std::scoped_lock lock(m_mutex);
    m_copied.insert(target);
}

bool Proofs::is_disk_copied(const std::string& target) const
{
    const std::scoped_lock lock(m_mutex);
    return m_copied.contains(target);
}

void Proofs::nvram_shared(bool shared)
{
    const std::scoped_lock lock(m_mutex);
    m_nvram = shared;
}

bool Proofs::is_nvram_shared() const
{
    const std::scoped_lock lock(m_mutex);
    return m_nvram;
}

void Proofs::nvram_at_target(bool exists)
{
    const std::scoped_lock lock(m_mutex);
    m_nvram_at_target = exists;
}

bool Proofs::may_nvram_be_at_target() const
{
    const std::scoped_lock lock(m_mutex);
    return m_nvram_at_target;
}

namespace {

/// A proof that broke proves nothing.
DirectoryProof prove_guarded(const std::function<DirectoryProof()>& prove)
{
    try {
        return prove();
    } catch (const std::exception& error) {
        return {DirectoryProof::Verdict::not_provable, error.what(), {}};
    }
}

}  // namespace

DirectoryProof Proofs::directory(const std::string& directory, const std::function<DirectoryProof()>& prove)
{
    std::promise<DirectoryProof> promise;
    {
        std::unique_lock lock(m_mutex);
        const auto [entry, is_new] = m_directories.try_emplace(directory);
        if (!is_new) {
            const std::shared_future<DirectoryProof> other = entry->second;
            lock.unlock();
            return other.get();
        }
        entry->second = promise.get_future().share();
    }
    const DirectoryProof proof = prove_guarded(prove);
    promise.set_value({proof.verdict, proof.reason, {}});
    return proof;
}

}  // namespace vmferry::checks
