#include "cli/run.hpp"

#include <unistd.h>

#include <functional>

#include "cli/environment.hpp"
#include "cli/guardian.hpp"
#include "cli/log_sink.hpp"
#include "cli/recover.hpp"
#include "cli/report.hpp"
#include "cli/signals.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

/// Everything that a process needs before it may work. Made after the fork and never destroyed: the
/// process ends by _exit, because threads of libraries may still be at work.
struct Process {
    Process(const Settings& settings, bool quiet)
        : err(Palette::of(STDERR_FILENO, settings.globals.color)), progress(output, err, quiet),
          environment{settings, output, progress, interrupt, Palette::of(STDOUT_FILENO, settings.globals.color), err},
          signalled{interrupt, progress, output}
    {
        start_log(output, settings.globals.verbosity);
    }

    Output output;
    Palette err;
    Progress progress;
    engine::Interrupt interrupt;
    Environment environment;
    Signalled signalled;
};

ExitCode in_new_process(const Settings& settings, bool signals, const std::function<ExitCode(Environment&)>& work)
{
    auto* process = new Process(settings, settings.globals.verbosity < 0);
    if (signals) {
        start_signal_thread(process->signalled);
    }
    const ExitCode code = work(process->environment);
    process->signalled.final_code = static_cast<int>(code);
    process->output.drain();
    return code;
}

ExitCode refuse(const Settings& settings, Command& command, Error error)
{
    return in_new_process(settings, false, [&](Environment& environment) {
        const ExitCode code = engine::exit_code_untouched(error.kind());
        if (command.schema() == k_result_schema) {
            tell(environment, untouched(std::string(command.name()), "", "", std::move(error)));
        } else {
            tell_error(environment, command.schema(), error);
        }
        return code;
    });
}

}  // namespace

ExitCode run_command(const Invocation& invocation)
{
    silence_log();
    Command& command = *invocation.command;
    Settings without_config;
    without_config.globals = invocation.globals;
    auto settings = make_settings(invocation.globals);
    if (!settings) {
        return refuse(without_config, command, std::move(settings).error());
    }
    if (auto prepared = command.prepare(*settings); !prepared) {
        return refuse(*settings, command, std::move(prepared).error());
    }
    if (!command.guarded()) {
        return in_new_process(*settings, false, [&](Environment& environment) { return command.run(environment); });
    }
    prepare_signals();
    return guard({
        .work = [&] { return in_new_process(*settings, true, [&](Environment& one) { return command.run(one); }); },
        .recover =
            [&](const std::vector<DeadWorker>& dead) {
                return in_new_process(*settings, true,
                                      [&](Environment& one) { return recover(one, command.name(), dead); });
            },
    });
}

}  // namespace vmferry::cli
