// One migrate call in flight.

#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "core/libvirt/driver.hpp"
#include "core/world/migration.hpp"

namespace vmferry::libvirt {

/// Given up before its call returned, the call, its connection and a held reply stay as they are until
/// the process ends: whether the source is ended or resumed is decided by release() and drop() alone.
class LibvirtMigration : public world::Migration {
public:
    /// Reads the definitions, puts the target's marker in and starts the call on a thread of its own.
    [[nodiscard]] static Result<std::unique_ptr<world::Migration>> start(std::shared_ptr<Line> line,
                                                                         const world::MigrationRequest& request);

    [[nodiscard]] world::MigrationEvent next(Milliseconds limit) override;
    void wake() override;
    [[nodiscard]] Result<world::MigrationProgress> progress() override;
    void hold_finish() override;
    void pass_finish(bool start) override;
    void release() override;
    void drop() override;
    [[nodiscard]] Result<> ready_to_fence() override;
    [[nodiscard]] Result<> fence(Milliseconds limit) override;
    [[nodiscard]] std::optional<Result<>> result() const override;
    [[nodiscard]] std::optional<world::MigrationProgress> completed() override;

private:
    /// What the call leaves behind; outlives this object when the call does.
    struct Outcome {
        std::mutex mutex;
        std::optional<Result<>> result;
    };

    LibvirtMigration(std::shared_ptr<Line> line, Uuid vm);
    [[nodiscard]] Result<> begin(const world::MigrationRequest& request);

    std::shared_ptr<Line> m_line;
    Uuid m_vm;
    std::shared_ptr<Outcome> m_outcome;
};

}  // namespace vmferry::libvirt
