#include "tests/fuzz/samples.hpp"

#include "tests/sim/edge.hpp"

namespace vmferry::fuzz {

model::Plan sample_plan()
{
    model::Plan plan;
    plan.transaction = Uuid::parse("0193a5c0-0000-7000-8000-000000000001").value();
    plan.epoch = 1;
    plan.command = "migrate";
    plan.vm_uuid = sim::the_vm();
    plan.vm_name = "web1";
    plan.source = sim::address_of(model::Side::source).label;
    plan.target = sim::address_of(model::Side::target).label;
    plan.source_uri = sim::address_of(model::Side::source).uri;
    plan.target_uri = sim::address_of(model::Side::target).uri;
    plan.persistent = true;
    return plan;
}

model::BeforeImage sample_image()
{
    model::BeforeImage image;
    image.state.reachable = true;
    image.state.exists = true;
    image.state.persistent = true;
    image.state.state = model::RunState::running;
    image.state.id = 1;
    image.live_xml = "<domain content='7'/>";
    image.inactive_xml = image.live_xml;
    image.disk_files = {{"vda", "/srv/web1.qcow2", "root:root", "0600"}};
    image.max_downtime_ms = 300;
    return image;
}

Json patched(Json base, const Json& patch)
{
    base.merge_patch(patch);
    return base;
}

}  // namespace vmferry::fuzz
