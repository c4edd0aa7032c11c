#include "tests/sim/moved_ends.hpp"

#include <algorithm>

namespace vmferry::sim {

MovedEnds::End MovedEnds::End::of(const Universe& universe, const Shape& shape)
{
    End end{.shape = shape,
            .machines = {universe.machines[0], universe.machines[1]},
            .shared_files = universe.shared_files,
            .flows = {},
            .split = universe.split.stream != 0,
            .price_was_paid = universe.oracle.price_was_paid()};
    for (Machine& machine : end.machines) {
        machine.last_id = 0;
        if (auto& live = machine.domain.live) {
            live->memory = universe.oracle.is_newest(*live) ? 1 : 0;
            live->id = 0;
            live->instructions = 0;
            live->job_owner = live->job == Job::none ? 0 : live->job_owner;
        }
    }
    for (const auto& flow : universe.flows) {
        end.flows.push_back(flow->at());
    }
    return end;
}

bool MovedEnds::contains(const End& end) const { return std::find(m_ends.begin(), m_ends.end(), end) != m_ends.end(); }

}  // namespace vmferry::sim
