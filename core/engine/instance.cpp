#include "core/engine/instance.hpp"

namespace vmferry::engine {

bool is_other_instance(const model::Observation& now, const model::BeforeImage& before)
{
    // A host that was rebooted counts its ids from 1 again; a new instance has used less time.
    const bool less_time = now.cpu_time_ns != 0 && now.cpu_time_ns < before.state.cpu_time_ns;
    return now.id != before.state.id || less_time;
}

}  // namespace vmferry::engine
