#include "cli/image_inspection.hpp"

#include <fmt/format.h>

#include "cli/own_files.hpp"
#include "cli/plugins_config.hpp"

namespace vmferry::cli {

plugin::GuestfsInspector::Settings inspector_settings(const Config& config)
{
    return {.directory = config.plugin_directory.value_or(own_plugin_directory()),
            .limit = config.plugin_timeout.value_or(k_plugin_timeout),
            .kvm = config.plugin_kvm};
}

void declare_verify(OptionSet& options, bool& verify)
{
    options.parsed(
        "--verify", "guestfs",
        [&verify](const std::string& word) {
            verify = word == "guestfs";
            return verify ? Result<>{} : fail(ErrorKind::usage, fmt::format("'{}' is not guestfs", word));
        },
        "of a VM that is off: look into originals and copies as well, before the originals may go");
}

Result<> prepare_verify(engine::Context& context, const Config& config, plugin::GuestfsInspector& inspector)
{
    const model::Plan& plan = context.plan;
    if (!plan.was_off) {
        return fail(Error(ErrorKind::blocked,
                          fmt::format("{} is not shut off, and what is on its disks changes all the time: --verify "
                                      "guestfs is for VMs that are off",
                                      plan.vm_name))
                        .with_id("VMF-E227")
                        .with_next("leave out --verify guestfs, or shut it down first"));
    }
    if (!plan.copies.wanted && !plan.moves_storage()) {
        return fail(
            Error(ErrorKind::usage, "--verify guestfs looks into copies, and without --copy-storage there are none")
                .with_next("vmferry migrate --help"));
    }
    const auto found = plugin::find_plugin(inspector_settings(config).directory, "guestfs");
    if (!found) {
        return fail(Error(ErrorKind::blocked, "--verify guestfs: " + found.error().what())
                        .with_id("VMF-E227")
                        .with_next("install the package vmferry-plugin-guestfs, or leave out --verify guestfs"));
    }
    context.image_inspector = &inspector;
    return {};
}

}  // namespace vmferry::cli
