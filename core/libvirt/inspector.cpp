#include "core/libvirt/inspector.hpp"

#include <array>

#include "core/libvirt/before_image.hpp"
#include "core/libvirt/description.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/domain_xml.hpp"
#include "core/libvirt/image_owner.hpp"
#include "core/libvirt/job_statistics.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/marker_xml.hpp"
#include "core/libvirt/migrate_call.hpp"
#include "core/libvirt/monitor.hpp"
#include "core/libvirt/observation.hpp"

namespace vmferry::libvirt {

namespace {

Result<Uuid> uuid_of(virDomainPtr domain)
{
    std::array<char, VIR_UUID_STRING_BUFLEN> text{};
    if (virDomainGetUUIDString(domain, text.data()) < 0) {
        return failed_call("the domain's UUID cannot be read");
    }
    return Uuid::parse(text.data());
}

/// nullopt for a domain that has gone since the list was made.
Result<std::optional<world::Inspector::Resident>> resident_of(virDomainPtr domain)
{
    auto definition = definition_of(domain, 0);
    auto active = is_active(domain);
    for (const Error* error : {definition ? nullptr : &definition.error(), active ? nullptr : &active.error()}) {
        if (error != nullptr) {
            if (error->kind() == ErrorKind::not_found) {
                return std::optional<world::Inspector::Resident>();
            }
            return fail(*error);
        }
    }
    world::Inspector::Resident resident;
    VMF_TRY_ASSIGN(resident.uuid, uuid_of(domain));
    resident.name = virDomainGetName(domain);
    resident.active = *active;
    VMF_TRY_ASSIGN(resident.macs, macs_of(*definition));
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(*definition));
    resident.marker = marker_in(document);
    return std::optional(std::move(resident));
}

}  // namespace

LibvirtInspector::LibvirtInspector(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

Result<Uuid> LibvirtInspector::find(const std::string& name_or_uuid)
{
    return m_connection->ask(limits::k_question, "looking for " + name_or_uuid,
                             [name_or_uuid](virConnectPtr connection) -> Result<Uuid> {
                                 DomainHandle domain(virDomainLookupByName(connection, name_or_uuid.c_str()));
                                 if (domain) {
                                     return uuid_of(domain.get());
                                 }
                                 const Failure by_name = Failure::last();
                                 const auto uuid = Uuid::parse(name_or_uuid);
                                 if (!by_name.not_found() || !uuid) {
                                     return fail(error_of(by_name, "there is no domain " + name_or_uuid));
                                 }
                                 VMF_TRY(look_up(connection, *uuid));
                                 return *uuid;
                             });
}

Result<model::DomainFacts> LibvirtInspector::describe(const Uuid& uuid)
{
    VMF_TRY_ASSIGN(model::DomainFacts facts,
                   m_connection->ask(limits::k_survey, "describing " + uuid.str(),
                                     [uuid](virConnectPtr connection) { return describe_now(connection, uuid); }));
    facts.now = observe(uuid, limits::k_question);
    return facts;
}

model::Observation LibvirtInspector::observe(const Uuid& uuid, Milliseconds limit)
{
    return observe_domain(*m_connection, uuid, limit);
}

Result<model::BeforeImage> LibvirtInspector::before_image(const Uuid& uuid)
{
    const model::Observation state = observe(uuid, limits::k_question);
    if (!state.reachable) {
        return fail(ErrorKind::unreachable, state.problem);
    }
    return m_connection->ask(
        limits::k_survey, "taking the before image of " + uuid.str(),
        [uuid, state](virConnectPtr connection) { return before_image_now(connection, uuid, state); });
}

Result<world::Inspector::Definitions> LibvirtInspector::definitions(const Uuid& uuid,
                                                                    const model::Marker& target_marker,
                                                                    const std::vector<model::DiskMove>& copies)
{
    return m_connection->ask(limits::k_question, "reading the definition of " + uuid.str(),
                             [uuid, target_marker, copies](virConnectPtr connection) -> Result<Definitions> {
                                 VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
                                 VMF_TRY_ASSIGN(const bool active, is_active(domain.get()));
                                 const unsigned form = active ? VIR_DOMAIN_XML_MIGRATABLE : VIR_DOMAIN_XML_INACTIVE;
                                 VMF_TRY_ASSIGN(const std::string here, definition_of(domain.get(), form));
                                 VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(here));
                                 VMF_TRY_ASSIGN(std::string sent,
                                                definition_for_target(domain.get(), form, target_marker, copies));
                                 return Definitions{document.dump(), std::move(sent)};
                             });
}

Result<world::MigrationProgress> LibvirtInspector::progress(const Uuid& uuid)
{
    return job_progress(*m_connection, uuid);
}

Result<std::string> LibvirtInspector::emulator_status(const Uuid& uuid)
{
    return m_connection->ask(limits::k_question, "asking the emulator of " + uuid.str(),
                             [uuid](virConnectPtr connection) -> Result<std::string> {
                                 VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
                                 VMF_TRY_ASSIGN(const Json status, monitor_command(domain.get(), "query-status"));
                                 const auto word = status.find("status");
                                 if (word == status.end() || !word->is_string()) {
                                     return fail(ErrorKind::failed, "QEMU's status has no word for it");
                                 }
                                 return word->get<std::string>();
                             });
}

Result<std::vector<std::string>> LibvirtInspector::estranged_images(const Uuid& uuid)
{
    return m_connection->ask(limits::k_storage, "looking at the owners of the images of " + uuid.str(),
                             [uuid](virConnectPtr connection) { return estranged_images_now(connection, uuid); });
}

Result<std::vector<world::Inspector::Resident>> LibvirtInspector::residents()
{
    return m_connection->ask(limits::k_survey, "listing domains",
                             [](virConnectPtr connection) -> Result<std::vector<Resident>> {
                                 virDomainPtr* list = nullptr;
                                 const int count = virConnectListAllDomains(connection, &list, 0);
                                 if (count < 0) {
                                     return failed_call("the domains cannot be listed");
                                 }
                                 std::vector<Resident> all;
                                 for (const DomainHandle& domain : take_list<DomainHandle>(list, count)) {
                                     VMF_TRY_ASSIGN(auto resident, resident_of(domain.get()));
                                     if (resident) {
                                         all.push_back(std::move(*resident));
                                     }
                                 }
                                 return all;
                             });
}

}  // namespace vmferry::libvirt
