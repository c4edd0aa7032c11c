#include "core/phases/phases.hpp"

#include "core/phases/announce.hpp"
#include "core/phases/cold.hpp"
#include "core/phases/cold_copy.hpp"
#include "core/phases/memory.hpp"
#include "core/phases/offline.hpp"
#include "core/phases/precheck.hpp"
#include "core/phases/release.hpp"
#include "core/phases/reserve.hpp"
#include "core/phases/storage.hpp"
#include "core/phases/switch.hpp"
#include "core/phases/verify.hpp"

namespace vmferry::phases {

const std::vector<engine::Phase>& migrate_phases()
{
    // The point of no return lies at the end of `switch`.
    static const std::vector<engine::Phase> s_phases = {
        precheck_phase(), reserve_phase(), memory_phase(),  switch_phase(),
        announce_phase(), verify_phase(),  release_phase(),
    };
    return s_phases;
}

const std::vector<engine::Phase>& precheck_phases()
{
    static const std::vector<engine::Phase> s_phases = {precheck_phase()};
    return s_phases;
}

const std::vector<engine::Phase>& storage_phases()
{
    // The guest's first write to a new image alone lies past `switch`.
    static const std::vector<engine::Phase> s_phases = {
        images_phase(), copies_phase(), pivot_phase(), verify_images_phase(), release_images_phase(),
    };
    return s_phases;
}

const std::vector<engine::Phase>& offline_storage_phases()
{
    static const std::vector<engine::Phase> s_phases = {
        images_phase(), cold_copy_phase(), offline_switch_phase(), verify_images_phase(), release_images_phase(),
    };
    return s_phases;
}

const std::vector<engine::Phase>& cold_phases()
{
    // The last of `switch`, behind COMMIT, is the end of the source's definition.
    static const std::vector<engine::Phase> s_phases = {
        precheck_phase(), cold_reserve_phase(), cold_switch_phase(), cold_verify_phase(), release_phase(),
    };
    return s_phases;
}

const std::vector<engine::Phase>& cold_copy_phases()
{
    static const std::vector<engine::Phase> s_phases = {
        precheck_phase(),    cold_reserve_phase(), cold_copy_phase(),
        cold_switch_phase(), cold_verify_phase(),  release_phase(),
    };
    return s_phases;
}

const std::vector<engine::Phase>& phases_of_move(const model::Plan& plan)
{
    if (!plan.was_off) {
        return migrate_phases();
    }
    return plan.copies.wanted ? cold_copy_phases() : cold_phases();
}

const std::vector<engine::Phase>* phases_of(const model::Plan& plan)
{
    if (plan.command == "migrate") {
        return &phases_of_move(plan);
    }
    if (plan.command == "storage-move") {
        return plan.was_off ? &offline_storage_phases() : &storage_phases();
    }
    return plan.command == "precheck" ? &precheck_phases() : nullptr;
}

}  // namespace vmferry::phases
