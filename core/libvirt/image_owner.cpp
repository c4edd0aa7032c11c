#include "core/libvirt/image_owner.hpp"

#include <algorithm>
#include <cctype>

#include "core/libvirt/directory.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

bool is_number(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "+64055" is the user of that number; a bare word would be a name, which only its host understands.
std::string number_in(const std::string& word) { return word.starts_with('+') ? word.substr(1) : word; }

/// The daemon looks at the file anew for this.
Result<std::optional<std::string>> user_in(virStorageVolPtr file)
{
    char* text = virStorageVolGetXMLDesc(file, 0);
    if (text == nullptr) {
        return failed_call("the owner of a file cannot be read");
    }
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(take_string(text)));
    return std::optional(document.text("/volume/target/permissions/owner"));
}

/// nullopt when the host has no such file. A pool of the host's own that has it is asked first: to lay one of ours over
/// its directory is to open all that lies there.
Result<std::optional<std::string>> user_of(virConnectPtr connection, const std::string& path)
{
    if (const VolumeHandle known(virStorageVolLookupByPath(connection, path.c_str())); known) {
        return user_in(known.get());
    }
    const std::string pool_name = "vmferry-look-" + Uuid::make_v7().str();
    VMF_TRY_ASSIGN(const auto pool, open_directory(connection, directory_of(path), pool_name));
    if (!pool) {
        return std::optional<std::string>();
    }
    auto user =
        find_file(pool->get(), name_of(path)).and_then([&](const auto& file) -> Result<std::optional<std::string>> {
            return file ? user_in(file->get()) : std::optional<std::string>();
        });
    const auto closed = close_directory(connection, pool_name);
    return user && !closed ? Result<std::optional<std::string>>(fail(closed.error())) : user;
}

Result<std::string> live_definition(virConnectPtr connection, const Uuid& uuid)
{
    VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
    return definition_of(domain.get(), 0);
}

std::string pool_xml(const std::string& name, const std::string& path, const ImageOwner& owner)
{
    return "<pool type='dir'><name>" + name + "</name><target><path>" + xml::escaped(path) +
           "</path><permissions><owner>" + owner.user + "</owner><group>" + owner.group +
           "</group></permissions></target></pool>";
}

}  // namespace

Result<std::optional<ImageOwner>> emulator_owner(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    const std::string label = document.text("/domain/seclabel[@model='dac' and @relabel='yes']/label");
    const size_t colon = label.find(':');
    if (colon == std::string::npos) {
        return std::optional<ImageOwner>();
    }
    ImageOwner owner{number_in(label.substr(0, colon)), number_in(label.substr(colon + 1))};
    if (!is_number(owner.user) || !is_number(owner.group) || owner.user == "0") {
        return std::optional<ImageOwner>();
    }
    return std::optional(std::move(owner));
}

Result<std::vector<std::string>> own_image_files(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    std::vector<std::string> files;
    for (const xml::Element& source : document.elements("/domain/devices/disk[@type='file' and not(readonly) and "
                                                        "not(shareable)]/source[@file and not(seclabel)]")) {
        files.push_back(source.attribute("file"));
    }
    return files;
}

Result<std::vector<std::string>> estranged_images_now(virConnectPtr connection, const Uuid& uuid)
{
    VMF_TRY_ASSIGN(const std::string definition, live_definition(connection, uuid));
    VMF_TRY_ASSIGN(const auto owner, emulator_owner(definition));
    std::vector<std::string> estranged;
    if (!owner) {
        return estranged;
    }
    VMF_TRY_ASSIGN(const auto files, own_image_files(definition));
    for (const std::string& file : files) {
        VMF_TRY_ASSIGN(const auto user, user_of(connection, file));
        if (user && *user != owner->user) {
            estranged.push_back(file);
        }
    }
    return estranged;
}

/// To "build" a pool of kind "dir" is to give what lies at its path to the owner that its definition names: the daemon
/// does it as root and does not ask for a directory. To start the pool then fails, as it should: nothing stays.
Result<> give_image_now(virConnectPtr connection, const Uuid& uuid, const std::string& path)
{
    VMF_TRY_ASSIGN(const std::string definition, live_definition(connection, uuid));
    VMF_TRY_ASSIGN(const auto owner, emulator_owner(definition));
    VMF_TRY_ASSIGN(const auto files, own_image_files(definition));
    if (!owner || std::find(files.begin(), files.end(), path) == files.end()) {
        return fail(ErrorKind::failed, path + " is no image that the daemon gives to that VM");
    }
    VMF_TRY_ASSIGN(const auto before, user_of(connection, path));
    if (!before || *before == owner->user) {
        return {};
    }
    const std::string pool = pool_xml("vmferry-owner-" + Uuid::make_v7().str(), path, *owner);
    const PoolHandle started(virStoragePoolCreateXML(connection, pool.c_str(), VIR_STORAGE_POOL_CREATE_WITH_BUILD));
    const Failure failure = Failure::last();
    if (started) {
        virStoragePoolDestroy(started.get());
        return fail(ErrorKind::failed, path + " is a directory");
    }
    VMF_TRY_ASSIGN(const auto after, user_of(connection, path));
    if (after && *after != owner->user) {
        return fail(error_of(failure, path + " could not be given to user " + owner->user));
    }
    return {};
}

}  // namespace vmferry::libvirt
