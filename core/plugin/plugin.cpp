#include "core/plugin/plugin.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/foreign_text.hpp"
#include "core/base/log.hpp"
#include "core/base/process.hpp"
#include "core/base/trusted_file.hpp"

namespace vmferry::plugin {

namespace {

constexpr size_t k_answer_bytes_max = 4 * 1024 * 1024;
constexpr size_t k_complaint_bytes_max = 400;
/// An emulator with its buffers of translated code needs some; the rest is so that no image can use up the machine.
constexpr ProcessLimits k_limits{.memory_bytes = 8ULL << 30, .file_bytes = 8ULL << 30, .processes = 4096};

/// Where a plugin may put what it needs for a while; gone at the end of its life.
class WorkDirectory {
public:
    [[nodiscard]] static Result<WorkDirectory> make()
    {
        std::string path = "/tmp/vmferry-plugin-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) {
            return fail(Error(ErrorKind::failed, "no directory could be made below /tmp")
                            .with_cause(std::generic_category().message(errno)));
        }
        return WorkDirectory(std::move(path));
    }
    WorkDirectory(WorkDirectory&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
    WorkDirectory& operator=(WorkDirectory&&) = delete;
    ~WorkDirectory()
    {
        std::error_code error;
        if (!m_path.empty() && std::filesystem::remove_all(m_path, error) == static_cast<std::uintmax_t>(-1)) {
            log::warn("{} could not be removed: {}", m_path, error.message());
        }
    }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    explicit WorkDirectory(std::string path) : m_path(std::move(path)) {}
    std::string m_path;
};

Error broken(const Plugin& plugin, const std::string& how, const std::string& complaint)
{
    return Error(ErrorKind::failed, fmt::format("the plugin {} {}", plugin.name, how))
        .with_cause(harmless(complaint, k_complaint_bytes_max))
        .with_next(fmt::format("{} </dev/null   shows whether it starts at all", plugin.path));
}

Result<Json> answer_of(const Plugin& plugin, const ProcessRun& run)
{
    const std::string complaint = last_line_of(run.complaints);
    if (run.end == ProcessRun::End::stopped) {
        return fail(ErrorKind::interrupted, fmt::format("the plugin {} {}", plugin.name, run.text()));
    }
    if (!run.good()) {
        return fail(broken(plugin, run.text(), complaint));
    }
    auto json = parse_json(run.output);
    if (!json || !json->is_object()) {
        return fail(broken(plugin, "gave an answer that is no JSON object", json ? complaint : json.error().what()));
    }
    return json;
}

}  // namespace

Result<Plugin> find_plugin(const std::string& directory, const std::string& name)
{
    Plugin plugin{name, directory + "/" + name};
    std::error_code error;
    if (!std::filesystem::is_regular_file(plugin.path, error)) {
        return fail(ErrorKind::not_found,
                    fmt::format("the plugin {} is not installed: there is no {}", name, plugin.path));
    }
    for (const std::string& path : {directory, plugin.path}) {
        if (const std::string doubt = why_not_trusted(path); !doubt.empty()) {
            return fail(Error(ErrorKind::config, fmt::format("the plugin {} is not run: {} {}", name, path, doubt))
                            .with_next(fmt::format("chown root {0}; chmod 0755 {0}", path)));
        }
    }
    if (::access(plugin.path.c_str(), X_OK) != 0) {
        return fail(Error(ErrorKind::config, fmt::format("the plugin {} cannot be executed", plugin.path))
                        .with_next(fmt::format("chmod 0755 {}", plugin.path)));
    }
    return plugin;
}

Result<Json> call_plugin(const Plugin& plugin, const Json& request, Milliseconds limit,
                         const std::function<bool()>& stop)
{
    VMF_TRY_ASSIGN(const WorkDirectory directory, WorkDirectory::make());
    ProcessOrder order;
    order.words = {plugin.path};
    order.input = dump_json(request) + "\n";
    order.limit = limit;
    order.environment = {"LC_ALL=C", "TMPDIR=" + directory.path(), "XDG_RUNTIME_DIR=" + directory.path()};
    order.output_bytes_max = k_answer_bytes_max;
    order.confined = true;
    order.limits = k_limits;
    VMF_TRY_ASSIGN(const ProcessRun run, run_process(order, stop));
    log::info("plugin {}: {} in {} ms", plugin.name, run.text(), run.took.count());
    if (!run.complaints.empty()) {
        log::info("plugin {} says: {}", plugin.name, harmless(run.complaints, k_answer_bytes_max));
    }
    return answer_of(plugin, run);
}

}  // namespace vmferry::plugin
