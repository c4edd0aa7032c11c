#include "cli/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <memory>

#include "cli/detach.hpp"
#include "cli/environment.hpp"
#include "cli/guardian.hpp"
#include "cli/log_reporter.hpp"
#include "cli/log_sink.hpp"
#include "cli/recover.hpp"
#include "cli/report.hpp"
#include "cli/reporters.hpp"
#include "cli/service.hpp"
#include "cli/signals.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

/// What is written beside stdout and stderr. Opened before the fork: worker and recovery share it.
struct Streams {
    Fd events;
    bool events_on_stdout = false;
    Fd log;
    int announce = -1;  ///< Where the id of the transaction goes, once it has begun.
};

/// Everything that a process needs before it may work. Made after the fork and never destroyed: the
/// process ends by _exit, because threads of libraries may still be at work.
struct Process {
    /// `transacts`: it works on transactions, of which more than the terminal may want to hear.
    Process(const Settings& settings, const Streams& streams, bool transacts)
        : output(transacts ? Output::Writes::beside : Output::Writes::at_once),
          service(transacts ? std::make_unique<Service>() : nullptr),
          err(Palette::of(STDERR_FILENO, settings.globals.color)),
          // journald gets what happens with all its fields; it need not read the lines for people as well.
          progress(output, err, settings.globals.verbosity < 0 || (journald() && is_journal_stream(STDERR_FILENO)),
                   settings.config.progress_interval.value_or(k_progress_interval)),
          events(streams.events ? std::make_unique<Events>(streams.events.get()) : nullptr),
          environment{settings,     output,     progress,  reporters,
                      events.get(), journald(), interrupt, Palette::of(STDOUT_FILENO, settings.globals.color),
                      err},
          teller(streams.announce), signalled{interrupt, progress, output}
    {
        if (is_journal_stream(STDERR_FILENO)) {
            output.mark_levels();
        }
        if (auto file =
                start_log(output, settings.globals.verbosity, streams.log.get(), service ? service->sink() : nullptr)) {
            log_reporter = std::make_unique<LogReporter>(std::move(file));
            reporters.add(*log_reporter);
        }
        reporters.add(teller);
        reporters.add(progress);
        if (events) {
            reporters.add(*events);
        }
        if (service) {
            service->add_to(reporters);
        }
        if (streams.events_on_stdout) {
            output.keep_stdout_free();
        }
    }

    [[nodiscard]] JournaldReporter* journald() const { return service ? service->journald() : nullptr; }

    Output output;
    std::unique_ptr<Service> service;
    Palette err;
    Progress progress;
    std::unique_ptr<Events> events;
    std::unique_ptr<LogReporter> log_reporter;
    Reporters reporters;
    engine::Interrupt interrupt;
    Environment environment;
    TransactionTeller teller;
    Signalled signalled;
};

ExitCode in_new_process(const Settings& settings, const Streams& streams, bool signals,
                        const std::function<ExitCode(Environment&)>& work)
{
    auto* process = new Process(settings, streams, signals);
    if (signals) {
        start_signal_thread(process->signalled);
    }
    const ExitCode code = work(process->environment);
    process->signalled.final_code = static_cast<int>(code);
    process->output.drain();
    flush_log();
    if (process->service) {
        process->service->drain();
    }
    if (process->events) {
        process->events->drain();
    }
    return code;
}

Result<Streams> open_streams(const Settings& settings, const Command& command)
{
    Streams streams;
    if (const std::string destination = command.events(); !destination.empty()) {
        VMF_TRY_ASSIGN(streams.events, open_events(destination));
        streams.events_on_stdout = destination == "-";
    }
    if (!settings.globals.log_file.empty()) {
        VMF_TRY_ASSIGN(streams.log, open_log_file(settings.globals.log_file));
    }
    return streams;
}

ExitCode refuse(const Settings& settings, const Streams& streams, Command& command, Error error)
{
    return in_new_process(settings, streams, false, [&](Environment& environment) {
        const ExitCode code = engine::exit_code_untouched(error.kind());
        if (command.schema() == k_result_schema) {
            tell(environment, untouched(std::string(command.name()), "", "", std::move(error)));
        } else {
            tell_error(environment, command.schema(), error);
        }
        return code;
    });
}

/// In the process that the user started, which ends here.
ExitCode tell_detached(const Settings& settings, const Detached& detached)
{
    if (detached.pid == 0) {
        write_now(STDERR_FILENO, "error VMF-E070: no process could be started\nNothing was touched.\n"
                                 "Nothing was created on any host.\nNext: free some memory and try again\n");
    }
    if (detached.transaction.empty()) {
        return detached.code;
    }
    const std::string next = fmt::format("vmferry status {} --wait", detached.transaction.substr(0, 13));
    if (settings.globals.format == Format::json) {
        OrderedJson json;
        json["schema"] = "vmferry.detached/1";
        json["tx"] = detached.transaction;
        json["pid"] = detached.pid;
        json["exit_code"] = 0;
        json["next"] = next;
        write_now(STDOUT_FILENO, dump_line(json));
    } else {
        write_now(STDOUT_FILENO,
                  fmt::format("transaction {} goes on in the background.   Next: {}\n", detached.transaction, next));
    }
    return detached.code;
}

}  // namespace

ExitCode run_command(const Invocation& invocation)
{
    silence_log();
    Command& command = *invocation.command;
    Settings without_config;
    without_config.globals = invocation.globals;
    auto streams = open_streams(without_config, command);
    if (!streams) {
        return refuse(without_config, {}, command, std::move(streams).error());
    }
    auto settings = make_settings(invocation.globals);
    if (!settings) {
        return refuse(without_config, *streams, command, std::move(settings).error());
    }
    if (auto prepared = command.prepare(*settings); !prepared) {
        return refuse(*settings, *streams, command, std::move(prepared).error());
    }
    const auto in_process = [&](bool signals, const std::function<ExitCode(Environment&)>& work) {
        return in_new_process(*settings, *streams, signals, work);
    };
    if (!command.guarded()) {
        return in_process(false, [&](Environment& environment) { return command.run(environment); });
    }
    prepare_signals();
    const auto guarded = [&] {
        return guard({
            .work = [&] { return in_process(true, [&](Environment& one) { return command.run(one); }); },
            .recover =
                [&](const std::vector<DeadWorker>& dead) {
                    return in_process(true, [&](Environment& one) { return recover(one, command.name(), dead); });
                },
        });
    };
    if (!command.detached()) {
        return guarded();
    }
    return tell_detached(*settings, detach([&](int announce) {
        streams->announce = announce;
        return guarded();
    }));
}

}  // namespace vmferry::cli
