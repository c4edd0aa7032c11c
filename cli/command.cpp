#include "cli/command.hpp"

namespace vmferry::cli {

Commands all_commands()
{
    Commands commands;
    commands.push_back(make_precheck());
    commands.push_back(make_plan());
    commands.push_back(make_migrate());
    commands.push_back(make_storage_move());
    commands.push_back(make_announce());
    commands.push_back(make_rollback());
    commands.push_back(make_status());
    commands.push_back(make_audit());
    commands.push_back(make_drill());
    commands.push_back(make_explain());
    commands.push_back(make_config());
    commands.push_back(make_completion());
    return commands;
}

}  // namespace vmferry::cli
