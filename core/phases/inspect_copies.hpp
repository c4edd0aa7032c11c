// --verify guestfs: what is in the copies must be what is in the originals, as an inspector sees both.

#pragma once

#include "core/engine/copied_images.hpp"

namespace vmferry::phases {

/// Originals before they are copied, and copies before anything relies on them. Both must be seen by this machine.
class CopyInspection {
public:
    explicit CopyInspection(engine::Context& context) : m_context(context) {}

    /// Nothing to do where the run has no inspector. Errors: VMF-E227 when they cannot be looked into.
    [[nodiscard]] Result<> look_at_originals(const std::vector<engine::ImageCopy>& copies);
    /// VMF-E226: a copy is not what its original is.
    [[nodiscard]] Result<> compare_copies(const std::vector<engine::ImageCopy>& copies);

private:
    [[nodiscard]] Result<model::Inspection> look(const std::vector<engine::ImageCopy>& copies, bool originals);

    engine::Context& m_context;
    model::Inspection m_before;
};

}  // namespace vmferry::phases
