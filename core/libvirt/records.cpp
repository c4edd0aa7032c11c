#include "core/libvirt/records.hpp"

#include <libvirt/virterror.h>

#include "core/libvirt/bolt_xml.hpp"
#include "core/libvirt/canonical_xml.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/failure.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/marker_xml.hpp"
#include "core/libvirt/rename_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// With secrets: without them VNC would lose its password.
constexpr unsigned k_whole = VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE;

Result<world::Portable::Snapshot> record_of(virDomainSnapshotPtr snapshot)
{
    const std::string record = take_string(virDomainSnapshotGetXMLDesc(snapshot, VIR_DOMAIN_SNAPSHOT_XML_SECURE));
    if (record.empty()) {
        return failed_call("the record of a snapshot cannot be read");
    }
    const int current = virDomainSnapshotIsCurrent(snapshot, 0);
    if (current < 0) {
        return failed_call("it cannot be told which snapshot is the current one");
    }
    return world::Portable::Snapshot{record, current == 1};
}

Result<std::vector<world::Portable::Snapshot>> records_of(virDomainPtr domain)
{
    virDomainSnapshotPtr* list = nullptr;
    const int count = virDomainListAllSnapshots(domain, &list, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
    if (count < 0) {
        const Failure failure = Failure::last();
        if (failure.has_code(VIR_ERR_NO_SUPPORT) || failure.has_code(VIR_ERR_OPERATION_UNSUPPORTED)) {
            return std::vector<world::Portable::Snapshot>();
        }
        return fail(error_of(failure, "the domain's snapshots cannot be listed"));
    }
    std::vector<world::Portable::Snapshot> records;
    for (const SnapshotHandle& snapshot : take_list<SnapshotHandle>(list, count)) {
        VMF_TRY_ASSIGN(auto record, record_of(snapshot.get()));
        records.push_back(std::move(record));
    }
    return records;
}

/// libvirt would replace the definition without a word.
Result<> refuse_known(virConnectPtr connection, const Uuid& uuid)
{
    const auto known = look_up(connection, uuid);
    if (known) {
        return fail(ErrorKind::failed, "the host knows a domain of that UUID already");
    }
    return known.error().kind() == ErrorKind::not_found ? Result<>{} : fail(known.error());
}

Result<> define(virConnectPtr connection, const std::string& definition)
{
    const DomainHandle domain(virDomainDefineXML(connection, definition.c_str()));
    if (!domain) {
        return failed_call("the definition was not taken");
    }
    return {};
}

Result<> record_snapshot(virDomainPtr domain, const world::Portable::Snapshot& snapshot)
{
    const unsigned flags =
        VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | (snapshot.current ? unsigned{VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT} : 0U);
    const SnapshotHandle recorded(virDomainSnapshotCreateXML(domain, snapshot.record.c_str(), flags));
    if (!recorded) {
        return failed_call("the record of a snapshot was not taken");
    }
    return {};
}

Result<xml::Document> whole_definition(virConnectPtr connection, const Uuid& uuid)
{
    VMF_TRY_ASSIGN(const DomainHandle domain, look_up(connection, uuid));
    VMF_TRY_ASSIGN(const std::string definition, definition_of(domain.get(), k_whole));
    return xml::Document::parse(definition);
}

}  // namespace

LibvirtRecords::LibvirtRecords(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

Result<world::Portable> LibvirtRecords::read(const Uuid& uuid)
{
    return m_connection->ask(limits::k_survey, "reading the definition of " + uuid.str(),
                             [uuid](virConnectPtr raw) -> Result<world::Portable> {
                                 VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
                                 world::Portable vm;
                                 VMF_TRY_ASSIGN(vm.definition, definition_of(domain.get(), k_whole));
                                 VMF_TRY_ASSIGN(vm.snapshots, records_of(domain.get()));
                                 return vm;
                             });
}

Result<> LibvirtRecords::define_bolted(const Uuid& uuid, const world::Portable& vm, const model::Marker& marker)
{
    return m_connection->act(limits::k_survey, "defining " + uuid.str(), [=](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const std::string renamed, with_renames(vm.definition, vm.renames));
        VMF_TRY_ASSIGN(const std::string marked, with_marker(renamed, marker));
        VMF_TRY_ASSIGN(const std::string bolted, with_bolt(marked));
        VMF_TRY(refuse_known(raw, uuid));
        VMF_TRY(define(raw, bolted));
        VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
        for (const world::Portable::Snapshot& snapshot : vm.snapshots) {
            VMF_TRY_ASSIGN(const std::string record, with_renames(snapshot.record, vm.renames));
            VMF_TRY(record_snapshot(domain.get(), {record, snapshot.current}));
        }
        return {};
    });
}

Result<std::string> LibvirtRecords::definition_with(const Uuid& uuid, const std::vector<world::FileRename>& renames)
{
    return m_connection->ask(
        limits::k_question, "reading the definition of " + uuid.str(), [=](virConnectPtr raw) -> Result<std::string> {
            VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
            VMF_TRY_ASSIGN(const std::string definition, definition_of(domain.get(), VIR_DOMAIN_XML_INACTIVE));
            VMF_TRY_ASSIGN(const std::string renamed, with_renames(definition, renames));
            return canonical_xml(renamed, Definition::inactive);
        });
}

Result<> LibvirtRecords::rename_files(const Uuid& uuid, const std::vector<world::FileRename>& renames)
{
    return m_connection->act(limits::k_act, "renaming images of " + uuid.str(), [=](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
        VMF_TRY_ASSIGN(const std::string definition, definition_of(domain.get(), k_whole));
        VMF_TRY_ASSIGN(const std::string renamed, with_renames(definition, renames));
        return renamed == definition ? Result<>{} : define(raw, renamed);
    });
}

Result<bool> LibvirtRecords::is_bolted(const Uuid& uuid)
{
    return m_connection->ask(limits::k_question, "looking at the definition of " + uuid.str(),
                             [uuid](virConnectPtr raw) -> Result<bool> {
                                 VMF_TRY_ASSIGN(const xml::Document document, whole_definition(raw, uuid));
                                 return has_bolt(document);
                             });
}

Result<> LibvirtRecords::unbolt(const Uuid& uuid)
{
    return m_connection->act(limits::k_act, "unbolting " + uuid.str(), [uuid](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const xml::Document document, whole_definition(raw, uuid));
        if (!has_bolt(document)) {
            return {};
        }
        remove_bolt(document);
        return define(raw, document.dump());
    });
}

}  // namespace vmferry::libvirt
