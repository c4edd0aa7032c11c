#include "core/phases/here.hpp"

#include <fmt/format.h>

#include "core/base/path.hpp"
#include "core/engine/copied_images.hpp"
#include "core/phases/precheck.hpp"

namespace vmferry::phases {

using engine::Context;
using model::Side;

namespace {

world::ProbeVolume new_probe(const Context& context, const std::string& directory)
{
    const std::string nonce = Uuid::make_v7().str();
    const std::string name =
        fmt::format("vmferry-probe-{}-{}", context.plan.transaction.str(), nonce.substr(nonce.size() - 12));
    return {directory, name, name};
}

}  // namespace

Result<bool> prove_here(Context& context, Side side, const std::string& path)
{
    VMF_TRY_ASSIGN(world::Images * images, engine::images_of(context, side));
    if (!images->seems_here(path)) {
        return false;
    }
    world::Datastore& datastore = context.hosts.at(side).datastore();
    const world::ProbeVolume probe = new_probe(context, directory_of(path));
    const std::string content = fmt::format("vmferry probe {}\n", Uuid::make_v7().str());
    VMF_TRY(context.record(journal::Kind::ledger, object_of(side, probe), to_json(side, probe)));
    const auto created = datastore.create_probe(probe, content);
    const bool here = created && images->holds_here(probe.directory + "/" + probe.name, content);
    // What was refused may be somebody else's file.
    const bool refused = !created && created.error().kind() == ErrorKind::failed;
    VMF_TRY(datastore.remove_probe(probe, !refused));
    context.defer(journal::Kind::undone, object_of(side, probe));
    return here;
}

}  // namespace vmferry::phases
