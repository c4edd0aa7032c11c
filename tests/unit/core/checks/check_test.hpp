// The world of the check tests: a VM that can be moved, two hosts that suit each other, shared
// storage at /srv/vm, a ledger that writes down what it is told. A test spoils one thing.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/checks/check.hpp"
#include "tests/support/fake_host.hpp"

namespace vmferry::checks {

/// Lines such as "creating source vmferry-probe-..." in the order in which they came.
class RecordingLedger final : public ProbeLedger {
public:
    Result<> creating(model::Side side, const world::ProbeVolume& probe) override
    {
        return note("creating", side, probe);
    }
    Result<> removed(model::Side side, const world::ProbeVolume& probe) override
    {
        return note("removed", side, probe);
    }

    std::vector<std::string> lines;
    /// What was announced and not yet told to be removed: "source", "target".
    std::vector<std::string> open;
    std::string refuse;  ///< "creating target": that entry cannot be written.
    /// Looks at the world at the moment of each entry.
    std::function<void(const std::string& line)> on_entry;

private:
    Result<> note(const std::string& verb, model::Side side, const world::ProbeVolume& probe);
};

class CheckTest : public ::testing::Test {
protected:
    CheckTest();

    /// The findings of the check that answers `id`, with that id only.
    std::vector<model::Finding> findings(const std::string& id, const std::vector<std::string>& accepted = {});
    /// The one finding of that id; fails the test when there is another number of them.
    model::Finding finding(const std::string& id);
    model::Severity severity(const std::string& id) { return finding(id).severity; }
    /// All checks.
    std::vector<model::Finding> all(const std::vector<std::string>& accepted = {});
    /// Ids of all errors of all checks.
    std::vector<std::string> errors();

    model::Disk& add_disk(const std::string& target, model::DiskKind kind, const std::string& source);
    model::Nic& add_nic(model::NicKind kind, const std::string& source);
    model::Device& add_device(const std::string& kind, const std::string& detail, const std::string& source = {});
    world::Inspector::Resident& add_resident(const Uuid& uuid, const std::string& name, bool active);

    static constexpr const char* k_transaction = "01939f3c-0000-7000-8000-000000000001";

    model::DomainFacts domain;
    std::vector<world::Inspector::Resident> residents;
    std::shared_ptr<test::FakeStore> shared_store = std::make_shared<test::FakeStore>();
    test::FakeHost source{"kvm1"};
    test::FakeHost target{"kvm2"};
    std::string migrate_host;
    std::string cache_directory;
    RecordingLedger ledger;
    std::optional<Proofs> proofs{std::in_place};
    Milliseconds patience{0};
    std::vector<model::DiskMove> copies;
    world::ImageInspector* images = nullptr;

private:
    CheckContext context();
};

[[nodiscard]] model::Marker marker_of(const std::string& transaction);
/// True when nothing of a probe is left on either host.
[[nodiscard]] bool is_clean(const test::FakeHost& host, const std::string& directory);

}  // namespace vmferry::checks
