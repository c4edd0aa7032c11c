#include "core/libvirt/images.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/uuid.hpp"
#include "core/libvirt/directory.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/image_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// A pool of the user's, as it stands.
Result<PoolHandle> pool_named(virConnectPtr connection, const std::string& name)
{
    PoolHandle pool(virStoragePoolLookupByName(connection, name.c_str()));
    if (!pool) {
        return failed_call("there is no storage pool " + name);
    }
    return pool;
}

Result<std::string> directory_of_pool(virStoragePoolPtr pool, const std::string& name)
{
    const std::string definition = take_string(virStoragePoolGetXMLDesc(pool, 0));
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    const std::string type = document.root().attribute("type");
    if (type != "dir" && type != "fs" && type != "netfs") {
        return fail(ErrorKind::blocked, "storage pool " + name + " is of type " + type +
                                            ": disks are moved into pools of type dir, fs and netfs, and directories");
    }
    if (virStoragePoolIsActive(pool) != 1) {
        return fail(
            Error(ErrorKind::blocked, "storage pool " + name + " is not active").with_next("virsh pool-start " + name));
    }
    return document.root().child("target").child("path").text();
}

/// Runs `work(pool)` on a freshly scanned transient pool over a directory, and ends that again.
template <typename Work>
std::invoke_result_t<Work, virStoragePoolPtr> in_directory(virConnectPtr connection, const std::string& directory,
                                                           const std::string& working_pool, Work work)
{
    const std::string name = working_pool.empty() ? "vmferry-look-" + Uuid::make_v7().str() : working_pool;
    VMF_TRY_ASSIGN(const auto pool, open_directory(connection, directory, name));
    if (!pool) {
        return fail(ErrorKind::not_found, "there is no directory " + directory);
    }
    auto done = work(pool->get());
    const auto closed = close_directory(connection, name);
    if (done && !closed) {
        return fail(closed.error());
    }
    return done;
}

Result<> create_in(virStoragePoolPtr pool, const world::ImageOrder& order)
{
    const VolumeHandle image(virStorageVolCreateXML(pool, image_xml(order).c_str(), 0));
    if (!image) {
        return failed_call("the image " + order.path + " could not be created");
    }
    return {};
}

Result<> refuse_existing(virStoragePoolPtr pool, const std::string& path)
{
    VMF_TRY_ASSIGN(const auto file, find_file(pool, name_of(path)));
    return file ? fail(ErrorKind::failed, path + " exists") : Result<>{};
}

Result<bool> uses(virDomainPtr domain, const std::string& path)
{
    VMF_TRY_ASSIGN(const unsigned there, existing_definitions(domain));
    for (const unsigned form : {0U, unsigned{VIR_DOMAIN_XML_INACTIVE}}) {
        if (form != 0 && (there & VIR_DOMAIN_AFFECT_CONFIG) == 0) {
            continue;
        }
        VMF_TRY_ASSIGN(const std::string definition, definition_of(domain, form));
        VMF_TRY_ASSIGN(const auto paths, image_paths_of(definition));
        if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<world::Place> place_now(virConnectPtr connection, const std::string& name_or_directory)
{
    world::Place place{.directory = name_or_directory, .pool = {}, .available_bytes = 0};
    if (!name_or_directory.starts_with('/')) {
        VMF_TRY_ASSIGN(const PoolHandle pool, pool_named(connection, name_or_directory));
        VMF_TRY_ASSIGN(place.directory, directory_of_pool(pool.get(), name_or_directory));
        place.pool = name_or_directory;
    }
    VMF_TRY(in_directory(connection, place.directory, {}, [&](virStoragePoolPtr pool) -> Result<> {
        virStoragePoolInfo info{};
        if (virStoragePoolGetInfo(pool, &info) < 0) {
            return failed_call("the free space of " + place.directory + " cannot be read");
        }
        place.available_bytes = info.available;
        return {};
    }));
    return place;
}

Result<> create_image_now(virConnectPtr connection, const world::ImageOrder& order)
{
    bool created = false;
    const auto create = [&](virStoragePoolPtr directory) -> Result<> {
        // qemu-img overwrites what is there, so a fresh look comes first.
        VMF_TRY(refuse_existing(directory, order.path));
        if (order.pool.empty()) {
            VMF_TRY(create_in(directory, order));
        } else {
            VMF_TRY_ASSIGN(const PoolHandle pool, pool_named(connection, order.pool));
            VMF_TRY(create_in(pool.get(), order));
        }
        created = true;
        return {};
    };
    auto done = in_directory(connection, directory_of(order.path), order.working_pool, create);
    if (!done && created) {
        // It is there, and has to be taken away again: this is not a refusal.
        return fail(Error(ErrorKind::unknown, done.error().what()).with_cause(done.error().cause()));
    }
    return done;
}

namespace {

/// What libvirt tells of a file, as <volume>.
Result<xml::Document> volume_now(virConnectPtr connection, const std::string& path)
{
    return in_directory(connection, directory_of(path), {}, [&](virStoragePoolPtr pool) -> Result<xml::Document> {
        VMF_TRY_ASSIGN(const auto file, find_file(pool, name_of(path)));
        if (!file) {
            return fail(ErrorKind::not_found, "there is no file " + path);
        }
        return xml::Document::parse(take_string(virStorageVolGetXMLDesc(file->get(), 0)));
    });
}

uint64_t bytes_of(const xml::Element& number) { return std::strtoull(number.text().c_str(), nullptr, 10); }

}  // namespace

Result<world::FileAccess> access_now(virConnectPtr connection, const std::string& path)
{
    VMF_TRY_ASSIGN(const xml::Document volume, volume_now(connection, path));
    const xml::Element permissions = volume.root().child("target").child("permissions");
    const std::string owner = permissions.child("owner").text();
    return world::FileAccess{.owner = owner.empty() ? "" : owner + ":" + permissions.child("group").text(),
                             .mode = permissions.child("mode").text()};
}

Result<world::ImageFile> image_file_now(virConnectPtr connection, const std::string& path)
{
    VMF_TRY_ASSIGN(const xml::Document volume, volume_now(connection, path));
    const xml::Element times = volume.root().child("target").child("timestamps");
    world::ImageFile file;
    file.stamp = {bytes_of(volume.root().child("physical")), times.child("mtime").text(), times.child("ctime").text()};
    file.allocation_bytes = bytes_of(volume.root().child("allocation"));
    file.backing = volume.root().child("backingStore").child("path").text();
    if (file.stamp.modified.empty() || file.stamp.changed.empty()) {
        return fail(ErrorKind::failed, "its host does not tell when " + path + " was written to");
    }
    return file;
}

Result<> delete_image_now(virConnectPtr connection, const std::string& path, const std::string& working_pool)
{
    // Through the pool that knows it, so that it does not show there any more.
    const VolumeHandle known(virStorageVolLookupByPath(connection, path.c_str()));
    if (known) {
        VMF_TRY(delete_file(known.get()));
    }
    auto gone = in_directory(connection, directory_of(path), working_pool, [&](virStoragePoolPtr pool) -> Result<> {
        VMF_TRY_ASSIGN(const auto file, find_file(pool, name_of(path)));
        return file ? delete_file(file->get()) : Result<>{};
    });
    if (!gone && gone.error().kind() == ErrorKind::not_found) {
        return {};
    }
    return gone;
}

Result<std::vector<std::string>> users_of_now(virConnectPtr connection, const std::string& path)
{
    virDomainPtr* list = nullptr;
    const int count = virConnectListAllDomains(connection, &list, 0);
    if (count < 0) {
        return failed_call("the domains cannot be listed");
    }
    std::vector<std::string> names;
    for (const DomainHandle& domain : take_list<DomainHandle>(list, count)) {
        const auto used = uses(domain.get(), path);
        if (!used && used.error().kind() != ErrorKind::not_found) {
            return fail(used.error());
        }
        if (used && *used) {
            names.emplace_back(virDomainGetName(domain.get()));
        }
    }
    return names;
}

}  // namespace vmferry::libvirt
