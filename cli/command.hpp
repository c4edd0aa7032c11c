// A command: its words, options and handler, declared together in one file of this folder.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.hpp"
#include "core/base/clock.hpp"
#include "core/engine/outcome.hpp"

namespace CLI {
class App;
}

namespace vmferry::cli {

struct Environment;

inline constexpr std::string_view k_result_schema = "vmferry.result/1";

/// Where a command declares what it understands. What it binds must outlive the parse.
/// `names` is like "-y,--yes".
class OptionSet {
public:
    explicit OptionSet(CLI::App& app) : m_app(app) {}
    void flag(const std::string& names, bool& into, const std::string& description);
    void text(const std::string& names, std::string& into, const std::string& value, const std::string& description);
    /// Comma separated.
    void list(const std::string& names, std::vector<std::string>& into, const std::string& value,
              const std::string& description);
    void duration(const std::string& names, std::optional<Milliseconds>& into, const std::string& description);
    /// A value that `take` stores, or refuses with what is wrong with it.
    void parsed(const std::string& names, const std::string& value, std::function<Result<>(const std::string&)> take,
                const std::string& description);
    /// The same for an option that may be repeated.
    void each(const std::string& names, const std::string& value, std::function<Result<>(const std::string&)> take,
              const std::string& description);
    void number(const std::string& names, int& into, int least, int most, const std::string& description);
    void argument(const std::string& name, std::string& into, bool required, const std::string& description);
    /// All remaining words, at least `least`.
    void arguments(const std::string& name, std::vector<std::string>& into, int least, const std::string& description);

private:
    CLI::App& m_app;
};

class Command {
public:
    virtual ~Command() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// One line for the list of commands.
    [[nodiscard]] virtual std::string_view summary() const = 0;
    /// "VM DEST [OPTION...]"
    [[nodiscard]] virtual std::string_view synopsis() const = 0;
    /// Three lines that can be typed.
    [[nodiscard]] virtual std::string_view examples() const = 0;
    /// Of its JSON result.
    [[nodiscard]] virtual std::string_view schema() const { return k_result_schema; }
    virtual void declare(OptionSet& options) = 0;
    /// True for what works on transactions: it runs in a worker, watched by a guardian.
    [[nodiscard]] virtual bool guarded() const = 0;
    /// Where its events go: FILE, fd:N, -; empty: nowhere.
    [[nodiscard]] virtual std::string events() const { return {}; }
    /// Goes on in the background once its transaction has begun.
    [[nodiscard]] virtual bool detached() const { return false; }
    /// Before the fork: what can be refused or must be asked at once. Leaves no thread and nothing open.
    [[nodiscard]] virtual Result<> prepare(const Settings& /*settings*/) { return {}; }
    [[nodiscard]] virtual engine::ExitCode run(Environment& environment) = 0;
};

using Commands = std::vector<std::unique_ptr<Command>>;

/// In the order in which they are listed.
[[nodiscard]] Commands all_commands();

[[nodiscard]] std::unique_ptr<Command> make_precheck();
[[nodiscard]] std::unique_ptr<Command> make_plan();
[[nodiscard]] std::unique_ptr<Command> make_migrate();
[[nodiscard]] std::unique_ptr<Command> make_storage_move();
[[nodiscard]] std::unique_ptr<Command> make_announce();
[[nodiscard]] std::unique_ptr<Command> make_rollback();
[[nodiscard]] std::unique_ptr<Command> make_status();
[[nodiscard]] std::unique_ptr<Command> make_audit();
[[nodiscard]] std::unique_ptr<Command> make_drill();
[[nodiscard]] std::unique_ptr<Command> make_explain();
[[nodiscard]] std::unique_ptr<Command> make_config();
[[nodiscard]] std::unique_ptr<Command> make_completion();

}  // namespace vmferry::cli
