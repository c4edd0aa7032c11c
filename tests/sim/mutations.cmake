# The mutation gate: known bugs, each put into a copy of one source file. The simulator built with it
# must find it, or its checkers do not bite. Built with -DVMFERRY_MUTATIONS=ON.

# A bug NAME: in FILE of the target LAYER, FIND becomes REPLACE; ARGN are the stories that must find it.
function(vmferry_mutation name layer file find replace)
  set(mutant ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}.cpp)
  set(original ${CMAKE_SOURCE_DIR}/${file})
  add_custom_command(
    OUTPUT ${mutant}
    COMMAND ${CMAKE_COMMAND} -DFROM=${original} -DTO=${mutant} "-DFIND=${find}" "-DREPLACE=${replace}" -P
            ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    DEPENDS ${original} ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    VERBATIM)
  get_filename_component(base ${file} NAME)
  string(REPLACE "." "\\." base ${base})
  set(objects)
  foreach(other IN LISTS vmferry_below_phases ITEMS vmferry_sim_world)
    list(APPEND objects "$<FILTER:$<TARGET_OBJECTS:${other}>,EXCLUDE,${layer}\\.dir/.*/${base}\\.o$>")
  endforeach()
  add_executable(vmferry_sim_${name} main.cpp ${mutant} ${objects})
  target_link_libraries(vmferry_sim_${name} PRIVATE vmferry_options fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json
                                                    tl::expected OpenSSL::Crypto SQLite::SQLite3 Threads::Threads)
  add_test(NAME mutation.${name} COMMAND vmferry_sim_${name} ${ARGN})
  set_tests_properties(mutation.${name} PROPERTIES LABELS mutation TIMEOUT 300 PASS_REGULAR_EXPRESSION "BAD")
endfunction()

set(plain --singles --shape plain)

# What must be durable before what.
vmferry_mutation(commit_not_durable vmferry_phases core/phases/switch.cpp
                 "VMF_TRY(context.record(journal::Kind::commit))" "context.defer(journal::Kind::commit, {})" ${plain})
vmferry_mutation(commit_after_resume vmferry_phases core/phases/switch.cpp
                 "VMF_TRY(context.record(journal::Kind::commit))"
                 "static_cast<void>(engine::start_target(context)); VMF_TRY(context.record(journal::Kind::commit))" ${plain})
vmferry_mutation(switch_intent_not_durable vmferry_phases core/phases/memory.cpp
                 "VMF_TRY(context.record(journal::Kind::switch_intent))"
                 "context.defer(journal::Kind::switch_intent, {})" ${plain})
vmferry_mutation(ledger_not_durable vmferry_engine core/engine/phase.cpp
                 "VMF_TRY(context.record(journal::Kind::ledger, object, *intent))"
                 "context.defer(journal::Kind::ledger, object, *intent)" ${plain})
vmferry_mutation(no_abort_intent vmferry_engine core/engine/settle.cpp
                 "return m_context.record(Kind::abort_intent)" "return {}" ${plain})

# The order of acts.
vmferry_mutation(source_before_target vmferry_engine core/engine/settle.cpp
                 "if (!target_away && !undo_all(true)) {"
                 "drop_reply(m_context); static_cast<void>(restore_source(m_context)); if (!target_away && !undo_all(true)) {"
                 ${plain})
vmferry_mutation(no_quiesce vmferry_engine core/engine/settle.cpp "quiesce(m_context)" "static_cast<void>(0)" ${plain})

# What is never trusted.
vmferry_mutation(trust_return_code vmferry_engine core/engine/settle.cpp "std::string_view last_row;"
                 "if (m_context.migration) { return end_as(m_context, OutcomeKind::rolled_back); } std::string_view last_row;" ${plain})
vmferry_mutation(no_answer_is_no vmferry_engine core/engine/acts.cpp "if (!context.start_unanswered) {" "if (true) {"
                 --singles)
vmferry_mutation(any_domain_is_ours vmferry_engine core/engine/recovery.cpp "return target.active() ? TargetIs::unmarked : TargetIs::foreign;"
                 "static_cast<void>(0);" ${plain})
vmferry_mutation(going_back_after_commit vmferry_engine core/engine/recovery.cpp
                 "set(S::held), k_nothing | set(T::unreachable, T::dead), k_either, Action::doubt"
                 "set(S::held), k_nothing | set(T::unreachable, T::dead), k_either, Action::back_debt"
                 --pairs --shape plain --sample 50)

# What must be taken back, and taken along.
vmferry_mutation(undo_does_nothing vmferry_engine core/engine/undo.cpp
                 "const Result<> done = try_undo(context, *step, object);" "const Result<> done; static_cast<void>(&try_undo);" ${plain})
vmferry_mutation(source_keeps_autostart vmferry_phases core/phases/reserve.cpp
                 "return context.plan.autostart ?" "return false ?" --singles --shape autostart)
vmferry_mutation(last_definition vmferry_phases core/phases/release.cpp "if (!target.persistent) {" "if (false) {"
                 --pairs --shape plain --sample 50)
vmferry_mutation(lost_takes_definition vmferry_engine core/engine/settle.cpp
                 "if (all && stage_of(*all) == Stage::resumed) {" "if (false) {"
                 --replay autostart+host-dead/75:tool-dies/76:power-off-target)

# What is not taken for granted. Told by the stories that found it, which is quicker; their points are
# those of the stories in sim_test.cpp.
vmferry_mutation(blip_not_announced vmferry_engine core/engine/acts.cpp
                 "VMF_TRY(context.record(journal::Kind::ledger, std::string(k_blip)));" "" --singles --shape paused)
vmferry_mutation(blip_forgotten vmferry_engine core/engine/acts.cpp
                 "const bool in_blip = is == SourceIs::runs && context.plan.was_paused && is_in_blip(context)"
                 "const bool in_blip = false && is_in_blip(context)" --replay paused/67:interrupt/105:tool-dies)
vmferry_mutation(silence_is_restored vmferry_engine core/engine/acts.cpp
                 "if (is == SourceIs::unreachable) {" "if (false) {"
                 --replay paused-transient/63:interrupt/79:daemon-hangs-source-20s)
vmferry_mutation(job_is_a_difference vmferry_engine core/engine/compare_source.cpp "if (image.state.job_active) {"
                 "if (false) {" --replay plain/40:interrupt/94:foreign-job-2s)
vmferry_mutation(only_copy_ended vmferry_engine core/engine/acts.cpp
                 "context.plan.was_paused && !observe(context, Side::target).active()" "false"
                 --replay paused/72:cut-source/73:emulator-dies-target)

# The speed limit, which a daemon forgets when it restarts.
vmferry_mutation(limit_stays_forgotten vmferry_engine core/engine/compare_source.cpp
                 "if (!limit_tried && limit_is_forgotten(context.before, now)) {" "if (limit_tried && limit_is_forgotten(context.before, now)) {" --singles --shape autostart)
vmferry_mutation(limit_left_behind vmferry_phases core/phases/own_limits.cpp "return model::limits_speed(wanted)" "return false"
                 --singles --shape autostart)
