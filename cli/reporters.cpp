#include "cli/reporters.hpp"

namespace vmferry::cli {

void Reporters::begun(const model::Plan& plan)
{
    for (engine::Reporter* one : m_all) {
        one->begun(plan);
    }
}

void Reporters::resumed(const model::Plan& plan)
{
    for (engine::Reporter* one : m_all) {
        one->resumed(plan);
    }
}

void Reporters::phase_started(std::string_view phase)
{
    for (engine::Reporter* one : m_all) {
        one->phase_started(phase);
    }
}

void Reporters::phase_done(std::string_view phase, Milliseconds took, const std::string& detail)
{
    for (engine::Reporter* one : m_all) {
        one->phase_done(phase, took, detail);
    }
}

void Reporters::phase_failed(std::string_view phase, const Error& error)
{
    for (engine::Reporter* one : m_all) {
        one->phase_failed(phase, error);
    }
}

void Reporters::finding(const model::Finding& finding)
{
    for (engine::Reporter* one : m_all) {
        one->finding(finding);
    }
}

void Reporters::progress(const world::MigrationProgress& progress, Milliseconds downtime_limit)
{
    for (engine::Reporter* one : m_all) {
        one->progress(progress, downtime_limit);
    }
}

void Reporters::no_return()
{
    for (engine::Reporter* one : m_all) {
        one->no_return();
    }
}

void Reporters::copying(const std::vector<world::CopyProgress>& disks)
{
    for (engine::Reporter* one : m_all) {
        one->copying(disks);
    }
}

void Reporters::warning(const std::string& text)
{
    for (engine::Reporter* one : m_all) {
        one->warning(text);
    }
}

void Reporters::settling(const std::string& what)
{
    for (engine::Reporter* one : m_all) {
        one->settling(what);
    }
}

void Reporters::settled_step(const std::string& what)
{
    for (engine::Reporter* one : m_all) {
        one->settled_step(what);
    }
}

}  // namespace vmferry::cli
