#include "core/libvirt/directory.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <cerrno>
#include <random>

#include "core/libvirt/failure.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// How often another spelling of the path is tried, and how many there are.
constexpr int k_spellings_tried = 5;
constexpr unsigned k_spellings = 200;

Result<> refuse_system_directory(const std::string& path)
{
    if (!path.starts_with('/')) {
        return fail(ErrorKind::failed, "the path " + path + " is not absolute");
    }
    for (const std::string& root : {std::string("/dev"), std::string("/proc"), std::string("/sys")}) {
        if (path == root || path.starts_with(root + "/")) {
            return fail(ErrorKind::failed, "directory " + path + " is not looked into: it holds devices, not files");
        }
    }
    return {};
}

/// The same directory in one of many spellings.
std::string another_spelling(const std::string& path)
{
    static thread_local std::mt19937 generator{std::random_device{}()};
    std::string spelt = path.substr(0, path.find_last_not_of('/') + 1);
    const unsigned dots = std::uniform_int_distribution<unsigned>(1, k_spellings)(generator);
    for (unsigned i = 0; i < dots; ++i) {
        spelt += "/.";
    }
    return spelt;
}

std::string pool_xml(const std::string& name, const std::string& path)
{
    return "<pool type='dir'><name>" + xml::escaped(name) + "</name><target><path>" + xml::escaped(path) +
           "</path></target></pool>";
}

bool is_missing(const Failure& failure) { return failure.errno_value == ENOENT || failure.errno_value == ENOTDIR; }

/// Sends `content` and ends the stream.
Result<> send(virStreamPtr stream, const std::string& content)
{
    size_t sent = 0;
    while (sent < content.size()) {
        const int piece = virStreamSend(stream, content.data() + sent, content.size() - sent);
        if (piece < 0) {
            const Failure failure = Failure::last();
            virStreamAbort(stream);
            return fail(error_of(failure, "the file could not be written"));
        }
        sent += static_cast<size_t>(piece);
    }
    if (virStreamFinish(stream) < 0) {
        return failed_call("the file could not be written to its end");
    }
    return {};
}

}  // namespace

Result<std::optional<PoolHandle>> open_directory(virConnectPtr connection, const std::string& path,
                                                 const std::string& name)
{
    VMF_TRY(refuse_system_directory(path));
    PoolHandle known(virStoragePoolLookupByName(connection, name.c_str()));
    if (known && virStoragePoolIsPersistent(known.get()) == 0 && virStoragePoolRefresh(known.get(), 0) == 0) {
        return std::optional(std::move(known));
    }
    Failure failure;
    for (int attempt = 0; attempt < k_spellings_tried; ++attempt) {
        const std::string definition = pool_xml(name, another_spelling(path));
        PoolHandle made(virStoragePoolCreateXML(connection, definition.c_str(), VIR_STORAGE_POOL_CREATE_NORMAL));
        if (made) {
            return std::optional(std::move(made));
        }
        failure = Failure::last();
        if (is_missing(failure)) {
            return std::optional<PoolHandle>();
        }
        // Another pool may have the same spelling just now.
        if (!failure.has_code(VIR_ERR_OPERATION_FAILED)) {
            break;
        }
    }
    return fail(error_of(failure, "directory " + path + " cannot be looked into"));
}

Result<> close_directory(virConnectPtr connection, const std::string& name)
{
    const PoolHandle pool(virStoragePoolLookupByName(connection, name.c_str()));
    if (!pool) {
        const Failure failure = Failure::last();
        if (failure.not_found()) {
            return {};
        }
        return fail(error_of(failure, "the storage pool " + name + " cannot be looked up"));
    }
    if (virStoragePoolIsPersistent(pool.get()) != 0) {
        return fail(ErrorKind::failed, "the storage pool " + name + " is not one of vmferry's");
    }
    if (virStoragePoolDestroy(pool.get()) < 0) {
        return failed_call("the storage pool " + name + " could not be ended");
    }
    return {};
}

Result<std::optional<VolumeHandle>> find_file(virStoragePoolPtr pool, const std::string& name)
{
    VolumeHandle file(virStorageVolLookupByName(pool, name.c_str()));
    if (file) {
        return std::optional(std::move(file));
    }
    const Failure failure = Failure::last();
    if (failure.not_found()) {
        return std::optional<VolumeHandle>();
    }
    return fail(error_of(failure, "the file " + name + " cannot be looked up"));
}

Result<> create_file(virConnectPtr connection, virStoragePoolPtr pool, const std::string& name,
                     const std::string& content)
{
    const std::string size = std::to_string(content.size());
    const std::string definition = "<volume><name>" + xml::escaped(name) + "</name><capacity unit='bytes'>" + size +
                                   "</capacity><allocation unit='bytes'>" + size +
                                   "</allocation><target><format type='raw'/></target></volume>";
    const VolumeHandle file(virStorageVolCreateXML(pool, definition.c_str(), 0));
    if (!file) {
        return failed_call("the file " + name + " could not be created");
    }
    const StreamHandle stream(virStreamNew(connection, 0));
    if (!stream || virStorageVolUpload(file.get(), stream.get(), 0, content.size(), 0) < 0) {
        return failed_call("the file " + name + " could not be opened for writing");
    }
    return send(stream.get(), content);
}

Result<std::string> read_file(virConnectPtr connection, virStorageVolPtr file)
{
    constexpr size_t k_size_max = size_t{64} * 1024;
    const StreamHandle stream(virStreamNew(connection, 0));
    if (!stream || virStorageVolDownload(file, stream.get(), 0, k_size_max, 0) < 0) {
        return failed_call("the file could not be opened for reading");
    }
    std::string content;
    std::array<char, 4096> piece{};
    for (;;) {
        const int count = virStreamRecv(stream.get(), piece.data(), piece.size());
        if (count < 0) {
            const Failure failure = Failure::last();
            virStreamAbort(stream.get());
            return fail(error_of(failure, "the file could not be read"));
        }
        if (count == 0) {
            break;
        }
        content.append(piece.data(), static_cast<size_t>(count));
    }
    if (virStreamFinish(stream.get()) < 0) {
        return failed_call("the file could not be read to its end");
    }
    return content;
}

Result<> delete_file(virStorageVolPtr file)
{
    if (virStorageVolDelete(file, VIR_STORAGE_VOL_DELETE_NORMAL) == 0) {
        return {};
    }
    const Failure failure = Failure::last();
    if (failure.not_found() || is_missing(failure)) {
        return {};
    }
    return fail(error_of(failure, "the file could not be removed"));
}

}  // namespace vmferry::libvirt
