#include "cli/log_sink.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <mutex>

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
        m_output.progress(std::string(line.data(), line.size()));
    }
    void flush_() override {}

private:
    Output& m_output;
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

void start_log(Output& output, int verbosity)
{
    auto logger = std::make_shared<spdlog::logger>("vmferry", std::make_shared<OutputSink>(output));
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
    logger->set_level(level_of(verbosity));
    spdlog::set_default_logger(std::move(logger));
}

void silence_log() { spdlog::set_level(spdlog::level::off); }

}  // namespace vmferry::cli
