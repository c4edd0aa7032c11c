#include "core/phases/offline.hpp"

#include <fmt/format.h>

#include "core/engine/offline_settle.hpp"
#include "core/phases/cold.hpp"

namespace vmferry::phases {

using engine::Context;
using journal::Kind;
using model::Side;

namespace {

/// Nothing of the definition has changed but the names of images.
Result<> compare_definition(Context& context)
{
    VMF_TRY_ASSIGN(std::vector<world::FileRename> renames, engine::renames_of(context));
    for (world::FileRename& one : renames) {
        std::swap(one.from, one.to);
    }
    world::Records* records = context.hosts.at(Side::source).records();
    if (records == nullptr) {
        return fail(ErrorKind::failed, "the definition cannot be read");
    }
    VMF_TRY_ASSIGN(const std::string now, records->definition_with(context.plan.vm_uuid, renames));
    return now == context.before.inactive_xml
               ? Result<>{}
               : fail(Error(ErrorKind::failed,
                            fmt::format("the definition of {} is not what it was, apart from its images",
                                        context.plan.vm_name))
                          .with_id("VMF-E221"));
}

Result<> change_definition(Context& context)
{
    VMF_TRY(refuse_started(context, Side::source));
    VMF_TRY(engine::refuse_stale_copies(context));
    VMF_TRY(engine::check_interrupt(context));
    VMF_TRY(context.record(Kind::pivot_intent));
    VMF_TRY(engine::define_images(context, true));
    VMF_TRY(compare_definition(context));
    VMF_TRY(refuse_started(context, Side::source));
    VMF_TRY(engine::refuse_stale_copies(context));
    return context.record(Kind::commit);
}

}  // namespace

engine::Phase offline_switch_phase() { return {.name = "switch", .steps = {}, .run = change_definition}; }

}  // namespace vmferry::phases
