#include "cli/log_sink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "cli/line_writer.hpp"
#include "cli/systemd.hpp"

namespace vmferry::cli {

namespace {

class OutputSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit OutputSink(Output& output) : m_output(output) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        const bool bad = message.level >= spdlog::level::err;
        const bool warning = message.level == spdlog::level::warn;
        m_output.progress(std::string(line.data(), line.size()), bad       ? Level::error
                                                                 : warning ? Level::warning
                                                                           : Level::info);
    }
    void flush_() override {}

private:
    Output& m_output;
};

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FileSink(int fd) : m_writer(fd) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        m_writer.put(std::string(line.data(), line.size()));
    }
    void flush_() override { m_writer.drain(); }

private:
    LineWriter m_writer;
};

spdlog::level::level_enum level_of(int verbosity)
{
    const char* wanted = std::getenv("VMFERRY_LOG");
    if (wanted != nullptr && *wanted != '\0') {
        return spdlog::level::from_str(wanted);
    }
    if (verbosity >= 2) {
        return spdlog::level::debug;
    }
    return verbosity == 1 ? spdlog::level::info : spdlog::level::err;
}

}  // namespace

Result<Fd> open_log_file(const std::string& file)
{
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640));
    if (!fd) {
        return fail(Error(ErrorKind::usage, fmt::format("the log file {} cannot be written", file))
                        .with_cause(std::strerror(errno))
                        .with_next("give --log-file a file that you may write"));
    }
    return fd;
}

std::shared_ptr<spdlog::logger> start_log(Output& output, int verbosity, int log_file, spdlog::sink_ptr journald)
{
    const auto level = level_of(verbosity);
    auto shown = std::make_shared<OutputSink>(output);
    // journald has a clock of its own, and levels; it would also get each line twice.
    const bool for_journald = is_journal_stream(STDERR_FILENO);
    shown->set_pattern(for_journald ? "%v" : "%H:%M:%S.%e %^%l%$ %v");
    shown->set_level(for_journald && journald ? spdlog::level::off : level);
    std::vector<spdlog::sink_ptr> sinks{std::move(shown)};
    std::shared_ptr<spdlog::logger> file_only;
    if (log_file >= 0) {
        auto kept = std::make_shared<FileSink>(log_file);
        kept->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z vmferry[%P] %l %v");
        kept->set_level(std::min(level, spdlog::level::info));
        file_only = std::make_shared<spdlog::logger>("file", kept);
        file_only->set_level(kept->level());
        sinks.push_back(std::move(kept));
    }
    const bool kept = log_file >= 0 || journald;
    if (journald) {
        journald->set_level(std::min(level, spdlog::level::info));
        sinks.push_back(std::move(journald));
    }
    auto logger = std::make_shared<spdlog::logger>("vmferry", sinks.begin(), sinks.end());
    logger->set_level(kept ? std::min(level, spdlog::level::info) : level);
    spdlog::set_default_logger(std::move(logger));
    return file_only;
}

void flush_log() { spdlog::default_logger()->flush(); }

void silence_log() { spdlog::set_level(spdlog::level::off); }

}  // namespace vmferry::cli
