#include "core/libvirt/datastore.hpp"

#include <thread>

#include "core/base/uuid.hpp"
#include "core/libvirt/block_device.hpp"
#include "core/libvirt/directory.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

namespace {

using world::ProbeVolume;

Result<> create_now(virConnectPtr connection, const ProbeVolume& probe, const std::string& content)
{
    VMF_TRY_ASSIGN(const auto pool, open_directory(connection, probe.directory, probe.pool));
    if (!pool) {
        return fail(ErrorKind::failed, "there is no directory " + probe.directory);
    }
    return create_file(connection, pool->get(), probe.name, content);
}

/// What another host has just written may take a moment to be seen here: only the file, for the
/// directory has been there before.
Result<std::optional<std::string>> read_now(virConnectPtr connection, const ProbeVolume& probe)
{
    const Deadline deadline(limits::k_shared_look_up);
    for (;;) {
        // Each round scans the directory anew.
        VMF_TRY_ASSIGN(const auto pool, open_directory(connection, probe.directory, probe.pool));
        if (!pool) {
            return std::optional<std::string>();
        }
        VMF_TRY_ASSIGN(const auto file, find_file(pool->get(), probe.name));
        if (file) {
            VMF_TRY_ASSIGN(std::string content, read_file(connection, file->get()));
            return std::optional(std::move(content));
        }
        if (deadline.over()) {
            return std::optional<std::string>();
        }
        std::this_thread::sleep_for(limits::k_shared_look_up_pause);
    }
}

Result<> remove_now(virConnectPtr connection, const ProbeVolume& probe, bool delete_volume)
{
    if (delete_volume) {
        VMF_TRY_ASSIGN(const auto pool, open_directory(connection, probe.directory, probe.pool));
        if (pool) {
            VMF_TRY_ASSIGN(const auto file, find_file(pool->get(), probe.name));
            if (file) {
                VMF_TRY(delete_file(file->get()));
            }
        }
    }
    return close_directory(connection, probe.pool);
}

/// Looks for one file, and removes it if asked to; says whether it was there.
Result<bool> look_for(virConnectPtr connection, const std::string& path, bool remove)
{
    const std::string pool_name = "vmferry-look-" + Uuid::make_v7().str();
    VMF_TRY_ASSIGN(const auto pool, open_directory(connection, directory_of(path), pool_name));
    if (!pool) {
        return false;
    }
    Result<bool> there = find_file(pool->get(), name_of(path)).and_then([&](const auto& file) -> Result<bool> {
        if (file && remove) {
            VMF_TRY(delete_file(file->get()));
        }
        return file.has_value();
    });
    const auto closed = close_directory(connection, pool_name);
    return there && !closed ? Result<bool>(fail(closed.error())) : there;
}

}  // namespace

LibvirtDatastore::LibvirtDatastore(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

Result<> LibvirtDatastore::create_probe(const ProbeVolume& probe, const std::string& content)
{
    return m_connection->act(limits::k_storage, "writing a probe into " + probe.directory,
                             [probe, content](virConnectPtr raw) { return create_now(raw, probe, content); });
}

Result<std::optional<std::string>> LibvirtDatastore::read_probe(const ProbeVolume& probe)
{
    return m_connection->ask(limits::k_storage, "reading a probe from " + probe.directory,
                             [probe](virConnectPtr raw) { return read_now(raw, probe); });
}

Result<> LibvirtDatastore::remove_probe(const ProbeVolume& probe, bool delete_volume)
{
    return m_connection->act(
        limits::k_storage, "removing a probe from " + probe.directory,
        [probe, delete_volume](virConnectPtr raw) { return remove_now(raw, probe, delete_volume); });
}

Result<bool> LibvirtDatastore::file_exists(const std::string& path)
{
    return m_connection->ask(limits::k_storage, "looking for " + path,
                             [path](virConnectPtr raw) { return look_for(raw, path, false); });
}

Result<> LibvirtDatastore::remove_file(const std::string& path)
{
    auto removed = m_connection->act(limits::k_storage, "removing " + path,
                                     [path](virConnectPtr raw) { return look_for(raw, path, true); });
    if (!removed) {
        return fail(std::move(removed).error());
    }
    return {};
}

Result<std::string> LibvirtDatastore::block_identity(const std::string& path)
{
    return m_connection->ask(limits::k_survey, "identifying " + path,
                             [path](virConnectPtr raw) { return block_identity_now(raw, path); });
}

}  // namespace vmferry::libvirt
