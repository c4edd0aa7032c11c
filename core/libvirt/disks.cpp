#include "core/libvirt/disks.hpp"

#include "core/libvirt/copy_job.hpp"
#include "core/libvirt/domain.hpp"
#include "core/libvirt/images.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/monitor.hpp"

namespace vmferry::libvirt {

namespace {

/// A question about a domain, with the domain looked up.
template <typename Work>
auto ask_of(Connection& connection, const std::string& doing, const Uuid& uuid, Work work)
{
    return connection.ask(limits::k_question, doing + " of " + uuid.str(),
                          [uuid, work](virConnectPtr raw) -> std::invoke_result_t<Work, virDomainPtr> {
                              VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
                              return work(domain.get());
                          });
}

/// An act on a disk's copy: it waits for the emulator.
template <typename Work>
Result<> act_on(Connection& connection, Milliseconds limit, const std::string& doing, const Uuid& uuid, Work work)
{
    return connection.act(limit, doing + " of " + uuid.str(), [uuid, work](virConnectPtr raw) -> Result<> {
        VMF_TRY_ASSIGN(const DomainHandle domain, look_up(raw, uuid));
        return work(domain.get());
    });
}

}  // namespace

Result<std::vector<world::DiskState>> LibvirtDisks::states(const Uuid& uuid)
{
    return ask_of(*m_connection, "looking at the disks", uuid, disk_states_now);
}

Result<world::DiskSize> LibvirtDisks::size(const Uuid& uuid, const std::string& target)
{
    return ask_of(*m_connection, "measuring disk " + target, uuid,
                  [target](virDomainPtr domain) { return disk_size_now(domain, target); });
}

Result<> LibvirtDisks::start_copy(const Uuid& uuid, const world::CopyOrder& order)
{
    return act_on(*m_connection, limits::k_storage, "copying disk " + order.target, uuid,
                  [order](virDomainPtr domain) { return start_copy_now(domain, order); });
}

Result<world::CopyProgress> LibvirtDisks::copy_progress(const Uuid& uuid, const std::string& target)
{
    return ask_of(*m_connection, "asking for the copy of disk " + target, uuid,
                  [target](virDomainPtr domain) { return copy_progress_now(domain, target); });
}

Result<> LibvirtDisks::unlimit_copy(const Uuid& uuid, const std::string& target)
{
    return act_on(*m_connection, limits::k_act, "hurrying the copy of disk " + target, uuid,
                  [target](virDomainPtr domain) { return unlimit_copy_now(domain, target); });
}

Result<> LibvirtDisks::pivot(const Uuid& uuid, const std::string& target)
{
    return act_on(*m_connection, limits::k_teardown, "changing disk " + target, uuid,
                  [target](virDomainPtr domain) { return pivot_now(domain, target); });
}

Result<> LibvirtDisks::end_copy(const Uuid& uuid, const std::string& target)
{
    auto ended = act_on(*m_connection, limits::k_teardown, "ending the copy of disk " + target, uuid,
                        [target](virDomainPtr domain) { return end_copy_now(domain, target); });
    return !ended && ended.error().kind() == ErrorKind::not_found ? Result<>{} : ended;
}

Result<> LibvirtDisks::break_copies(const Uuid& uuid, const std::vector<std::string>& targets)
{
    return act_on(*m_connection, limits::k_act, "breaking the copies", uuid,
                  [targets](virDomainPtr domain) -> Result<> {
                      Result<> done = fail(ErrorKind::failed, "no disk is copied");
                      for (const std::string& target : targets) {
                          // As libvirt's migration calls them. One that has ended does not keep the others.
                          const Json node = {{"type", "block-node"}, {"node-name", "migration-" + target + "-storage"}};
                          const auto broken = monitor_command(domain, "yank", {{"instances", Json::array({node})}});
                          done = broken ? Result<>{} : done;
                      }
                      return done;
                  });
}

Result<> LibvirtDisks::set_inactive(const Uuid& uuid, const std::string& target, const std::string& path,
                                    const std::string& format)
{
    return act_on(*m_connection, limits::k_act, "rewriting the definition of disk " + target, uuid,
                  [=](virDomainPtr domain) { return set_inactive_now(domain, target, path, format); });
}

Result<world::Place> LibvirtDisks::place(const std::string& name_or_directory)
{
    return m_connection->ask(limits::k_storage, "looking for datastore " + name_or_directory,
                             [name_or_directory](virConnectPtr raw) { return place_now(raw, name_or_directory); });
}

Result<> LibvirtDisks::create_image(const world::ImageOrder& order)
{
    return m_connection->act(limits::k_storage, "creating " + order.path,
                             [order](virConnectPtr raw) { return create_image_now(raw, order); });
}

Result<world::FileAccess> LibvirtDisks::access(const std::string& path)
{
    return m_connection->ask(limits::k_storage, "looking whose " + path + " is",
                             [path](virConnectPtr raw) { return access_now(raw, path); });
}

Result<> LibvirtDisks::delete_image(const std::string& path, const std::string& working_pool)
{
    return m_connection->act(limits::k_storage, "removing " + path, [path, working_pool](virConnectPtr raw) {
        return delete_image_now(raw, path, working_pool);
    });
}

Result<std::vector<std::string>> LibvirtDisks::users_of(const std::string& path)
{
    return m_connection->ask(limits::k_survey, "looking who uses " + path,
                             [path](virConnectPtr raw) { return users_of_now(raw, path); });
}

}  // namespace vmferry::libvirt
