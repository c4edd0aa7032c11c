// JSON that the journal holds: a plan, a before image, an actor. Read as one of each, and as a change of one.

#include "core/model/before_image.hpp"
#include "core/model/plan.hpp"
#include "journal/entry.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

namespace {

void read_plan(const Json& json)
{
    if (const auto plan = model::plan_from_json(json)) {
        const auto again = model::plan_from_json(model::to_json(*plan));
        require(again && model::digest(*again) == model::digest(*plan), "a plan is read as it is written");
    }
}

void read_image(const Json& json)
{
    if (const auto image = model::before_image_from_json(json)) {
        const auto again = model::before_image_from_json(model::to_json(*image));
        require(again && model::to_json(*again) == model::to_json(*image), "an image is read as it is written");
        require(model::compare(*image, *again).empty() || image->state.job_active, "an image is like itself");
    }
}

}  // namespace

void read_documents(const std::string& text)
{
    const auto json = parse_json(text);
    if (!json) {
        return;
    }
    read_plan(*json);
    read_plan(patched(model::to_json(sample_plan()), *json));
    read_image(*json);
    read_image(patched(model::to_json(sample_image()), *json));
    const auto actor = journal::Actor::from_json(*json);
    require(journal::Actor::from_json(actor.to_json()).to_json() == actor.to_json(),
            "an actor is read as it is written");
    require(parse_json(dump_json(*json)).has_value(), "what is written can be read");
}

}  // namespace vmferry::fuzz
