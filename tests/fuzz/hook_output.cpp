// What a hook says: any bytes. It goes into the error that people read, into the journal and into JSON.

#include "cli/hook_process.hpp"
#include "core/base/json.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

void read_hook_output(const std::string& text)
{
    cli::HookRun run;
    run.output = text;
    const std::string last = run.last_line();
    require(last.find('\n') == std::string::npos, "the last line is one line");
    const auto json = parse_json(dump_json(Json{{"cause", last}}));
    require(json && (*json)["cause"].is_string(), "it can be put into JSON");
}

}  // namespace vmferry::fuzz
