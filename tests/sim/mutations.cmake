# The mutation gate: known bugs, each put into a copy of one source file. The simulator built with it must find
# it, or its checkers do not bite. How they are built: mutations_build.cmake.

set(plain --singles --shape plain)

# What must be durable before what, and what must not be done when it could not be made so.
vmferry_mutation(commit_not_durable vmferry_phases core/phases/switch.cpp
                 "VMF_TRY(context.record(journal::Kind::commit))" "context.defer(journal::Kind::commit, {})" ${plain})
vmferry_mutation(commit_may_fail vmferry_phases core/phases/switch.cpp
                 "VMF_TRY(context.record(journal::Kind::commit))"
                 "static_cast<void>(context.record(journal::Kind::commit))" ${plain})
vmferry_mutation(commit_after_resume vmferry_phases core/phases/switch.cpp
                 "VMF_TRY(context.record(journal::Kind::commit))"
                 "static_cast<void>(engine::start_target(context, true)); VMF_TRY(context.record(journal::Kind::commit))" ${plain})
vmferry_mutation(write_in_the_window vmferry_phases core/phases/switch.cpp "VMF_TRY(may_commit(context));"
                 "VMF_TRY(may_commit(context)); VMF_TRY(context.record(journal::Kind::note, \"switch\"));" --replay plain)
vmferry_mutation(switch_intent_not_durable vmferry_phases core/phases/memory.cpp
                 "VMF_TRY(context.record(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan)))"
                 "context.defer(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan))" ${plain})
vmferry_mutation(switch_intent_may_fail vmferry_phases core/phases/memory.cpp
                 "VMF_TRY(context.record(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan)))"
                 "static_cast<void>(context.record(journal::Kind::switch_intent, {}, engine::switch_intent_body(context.plan)))" ${plain})
vmferry_mutation(ledger_not_durable vmferry_engine core/engine/phase.cpp
                 "VMF_TRY(context.record(journal::Kind::ledger, object, intent))"
                 "context.defer(journal::Kind::ledger, object, intent)" ${plain})
vmferry_mutation(ledger_may_fail vmferry_engine core/engine/phase.cpp
                 "VMF_TRY(context.record(journal::Kind::ledger, object, intent))"
                 "static_cast<void>(context.record(journal::Kind::ledger, object, intent))" ${plain})
vmferry_mutation(no_abort_intent vmferry_engine core/engine/settle.cpp
                 ": m_context.record(Kind::abort_intent, {}, abort_body(to_string(target)));" ": (static_cast<void>(target), Result<>{});" ${plain})
vmferry_mutation(resumed_may_fail vmferry_engine core/engine/finish.cpp
                 "if (const auto noted = note_resumed(context); !noted) {"
                 "if (const auto noted = note_resumed(context); !noted && false) {" ${plain})
vmferry_mutation(journal_not_synced vmferry_journal journal/schema.cpp "return expect(database, \"synchronous\", \"3\");"
                 "VMF_TRY(expect(database, \"synchronous\", \"3\")); return database.execute(\"PRAGMA synchronous = OFF\");"
                 --disks --shape plain --sample 10)
vmferry_mutation(epoch_stands_still vmferry_engine core/engine/transaction.cpp "return epoch + 1;" "return epoch;"
                 --replay plain)

# The order of acts.
vmferry_mutation(source_before_target vmferry_engine core/engine/settle.cpp
                 "if (!target_away && !undo_all(m_context, m_phases, true)) {"
                 "drop_reply(m_context); static_cast<void>(restore_source(m_context)); if (!target_away && !undo_all(m_context, m_phases, true)) {"
                 ${plain})
vmferry_mutation(reply_released_before_commit vmferry_phases core/phases/switch.cpp "VMF_TRY(may_commit(context));"
                 "VMF_TRY(may_commit(context)); context.migration->release();" --replay plain)

# What is never trusted.
vmferry_mutation(trust_return_code vmferry_engine core/engine/settle.cpp "std::optional<Diagnosis> last;"
                 "if (m_context.migration) { return end_as(m_context, OutcomeKind::rolled_back); } std::optional<Diagnosis> last;" ${plain})
vmferry_mutation(unreachable_source_is_off vmferry_engine core/engine/classification.cpp
                 "return host_dead ? SourceIs::dead : SourceIs::unreachable;" "return host_dead ? SourceIs::dead : SourceIs::died;"
                 ${plain})

vmferry_mutation(new_instance_is_forgotten vmferry_engine core/engine/diagnose.cpp "(context.source_started_anew ||"
                 "(false ||" --replay "p2p+host-dead/33:cut-target-20s/67:human-starts-source/119:guest-off")
vmferry_mutation(own_shutdown_proves_the_end vmferry_engine core/engine/diagnose.cpp
                 "!shut_itself_down(context.plan, diagnosis) && diagnosis" "diagnosis"
                 --replay "p2p-waiting+forward/48:cut-source/73:human-resumes-source/83:human-starts-source/86:guest-off")
vmferry_mutation(seen_run_is_forgotten vmferry_engine core/engine/diagnose.cpp "if (diagnosis.target_has_run) {"
                 "if (diagnosis.target_has_run && false) {"
                 --replay paused-transient/64:daemon-dies-source-2s/85:human-resumes-target/111:power-off-target-20s)
vmferry_mutation(seen_run_is_not_noted vmferry_engine core/engine/diagnose.cpp
                 "{k_target_has_run, diagnosis.target_has_run}" "{k_target_has_run, false}"
                 --replay "p2p-native+host-dead/63:daemon-dies-source/94:human-undefines-target/108:power-off-target")
vmferry_mutation(run_is_not_kept vmferry_engine core/engine/settle.cpp
                 "if (const auto noted = note_resumed(m_context); !noted) {"
                 "if (const auto noted = note_resumed(m_context); !noted && false) {"
                 --replay "paused/55:journal-fails-5s/102:daemon-dies-source-2s/111:foreign-job-2s/119:human-resumes-target/139:human-suspends-target")
vmferry_mutation(new_instance_is_not_noted vmferry_engine core/engine/diagnose.cpp
                 "{k_source_started_anew, diagnosis.source_started_anew}" "{k_source_started_anew, false}"
                 --replay "p2p-waiting+forward/10:late-40s/42:daemon-hangs-source-20s/93:daemon-dies-target/127:human-starts-source/131:power-off-source-20s")
vmferry_mutation(any_shutdown_is_the_fence vmferry_engine core/engine/diagnose.cpp
                 "stage != Stage::intent && stage != Stage::postcopy" "stage != Stage::open"
                 --replay p2p/62:cut-source/101:human-starts-source/104:guest-off)

# What must be taken back, owed, and taken along.
vmferry_mutation(undo_does_nothing vmferry_engine core/engine/undo.cpp
                 "const Result<> done = try_undo(context, *step, object);" "const Result<> done; static_cast<void>(step); static_cast<void>(&try_undo);" ${plain})
vmferry_mutation(failed_undo_is_forgotten vmferry_engine core/engine/undo.cpp "owe(context, object, done.error().text());" ""
                 ${plain})
vmferry_mutation(source_is_not_owed vmferry_engine core/engine/finish.cpp
                 "context.record_or_warn(Kind::debt, \"domain:source\", {{\"error\", ended.error().text()}});" "" ${plain})
vmferry_mutation(debts_are_never_settled vmferry_engine core/engine/finish.cpp "context.defer(Kind::settled, debt);" ""
                 ${plain})
vmferry_mutation(owed_for_ever vmferry_engine core/engine/losing.cpp " && has_undo(phases, object)" ""
                 --replay paused-transient+host-dead/58:cut-target/85:power-off-target/95:power-off-source-20s)
vmferry_mutation(both_hosts_start_it vmferry_phases core/phases/release.cpp "if (back && defined) {"
                 "if (back && defined && false) {"
                 --replay "paused/64:cut-replies-target-20s/106:human-resumes-target/119:cut-requests-source-20s")
vmferry_mutation(autostart_stays_off vmferry_phases core/phases/autostart.cpp
                 "return set_autostart(context, true);" "static_cast<void>(context); return Result<>{};"
                 --singles --shape autostart)
vmferry_mutation(autostart_is_not_taken_along vmferry_phases core/phases/release.cpp
                 "return control->set_autostart(context.plan.vm_uuid, true);" "static_cast<void>(control); return {};"
                 --replay autostart)
vmferry_mutation(downtime_stays_low vmferry_phases core/phases/own_limits.cpp
                 "return wanted.count() == 0 ? Result<>{}" "return wanted.count() >= 0 ? Result<>{}" --singles --shape autostart)
vmferry_mutation(downtime_is_not_taken_along vmferry_phases core/phases/own_limits.cpp
                 "const bool same = wanted == 0 ||" "const bool same = wanted != 1 ||" --replay autostart)
# The speed limit, which a daemon forgets when it restarts.
vmferry_mutation(limit_stays_forgotten vmferry_engine core/engine/compare_source.cpp
                 "if (!limit_tried && limit_is_forgotten(context.before, now)) {" "if (limit_tried && limit_is_forgotten(context.before, now)) {" --singles --shape autostart)
vmferry_mutation(limit_left_behind vmferry_phases core/phases/own_limits.cpp "return model::limits_speed(wanted)" "return false"
                 --singles --shape autostart)
vmferry_mutation(source_stays_defined vmferry_phases core/phases/release.cpp
                 "return host->control().undefine(plan.vm_uuid, options);" "static_cast<void>(options); return {};"
                 --replay plain)
vmferry_mutation(last_definition vmferry_phases core/phases/release.cpp "if (!target.persistent) {" "if (false) {"
                 --pairs --shape plain --first cut-source-20s --second human-undefines-target)
vmferry_mutation(marker_stays vmferry_phases core/phases/release.cpp "return control->clear_marker(context.plan.vm_uuid);"
                 "static_cast<void>(control); return {};" --replay plain)
vmferry_mutation(paused_vm_loses_its_nvram vmferry_phases core/phases/release.cpp "if (plan.was_paused) {" "if (false) {"
                 --replay paused-nvram)

# What is not taken for granted.
vmferry_mutation(blip_not_announced vmferry_engine core/engine/acts.cpp
                 "VMF_TRY(context.record(journal::Kind::ledger, std::string(k_blip)));" "" --singles --shape paused)
vmferry_mutation(blip_forgotten vmferry_engine core/engine/acts.cpp
                 "const bool in_blip = is == SourceIs::runs && context.plan.was_paused && is_in_blip(context)"
                 "const bool in_blip = false && is_in_blip(context)"
                 --pairs --shape paused --first interrupt --second tool-dies)
vmferry_mutation(silence_is_restored vmferry_engine core/engine/acts.cpp
                 "if (is == SourceIs::unreachable) {" "if (false) {"
                 --pairs --shape paused-transient --first interrupt --second daemon-hangs-source-20s)
vmferry_mutation(job_is_a_difference vmferry_engine core/engine/compare_source.cpp "if (image.state.job_active) {"
                 "if (false) {" --pairs --shape plain --first interrupt --second foreign-job-20s)

# What is not taken for granted. Told by the stories that found it; their points are those of sim_test.cpp.
vmferry_mutation(unmarked_target vmferry_engine core/engine/start.cpp "if (source_stands) {" "if (source_stands && false) {" ${plain})
vmferry_mutation(going_back_after_commit vmferry_engine core/engine/recovery.cpp
                 "set(S::held), k_nothing | set(T::unreachable, T::dead), k_either, Action::doubt"
                 "set(S::held), k_nothing | set(T::unreachable, T::dead), k_either, Action::back_debt"
                 --pairs --shape plain --sample 50)
vmferry_mutation(source_keeps_autostart vmferry_phases core/phases/autostart.cpp
                 "return context.plan.autostart ?" "return context.plan.autostart && false ?" --singles --shape autostart)
vmferry_mutation(lost_takes_definition vmferry_engine core/engine/settle.cpp
                 "if (all && stage_of(*all) == Stage::resumed) {" "if (false) {"
                 --replay autostart+host-dead/77:tool-dies/78:power-off-target)
vmferry_mutation(only_copy_ended vmferry_engine core/engine/acts.cpp
                 "context.plan.was_paused && !observe(context, Side::target).active()" "false"
                 --replay paused/74:cut-source/75:emulator-dies-target)

vmferry_mutation(no_answer_is_no vmferry_engine core/engine/start.cpp
                 "context.start_unanswered = context.start_unanswered || !is_refusal(error.kind());" "static_cast<void>(&is_refusal);"
                 --pairs --shape plain --first late-8s --second cut-requests-target-20s)

# Where the reply of Finish cannot be held. In some stories it is lost ("finish-reply").
vmferry_mutation(no_fence vmferry_phases core/phases/fence.cpp
                 "const auto fenced = context.effect(\"fence:source\"," "const auto fenced = context.effect(\"none\", [] { return Result<>{}; }); static_cast<void>("
                 --singles --shape p2p)
vmferry_mutation(fence_before_commit vmferry_phases core/phases/fence.cpp
                 "VMF_TRY(context.record(journal::Kind::commit, {}, engine::commit_before_fence_body()));"
                 "static_cast<void>(context.migration->fence(k_fence_limit)); VMF_TRY(context.record(journal::Kind::commit, {}, engine::commit_before_fence_body()));"
                 --singles --shape p2p)
vmferry_mutation(unproved_fence vmferry_phases core/phases/fence.cpp
                 "log::debug(\"the fence is not proved: {}\", fenced.error().text());" "if (!fenced) { return \"nothing\"; }"
                 --pairs --shape p2p --first refuse --second lose-request)
vmferry_mutation(fencing_is_decided vmferry_engine core/engine/diagnose.cpp
                 "says(entry, k_fencing_word) ? Stage::fencing : Stage::commit" "says(entry, k_fencing_word) ? Stage::commit : Stage::commit"
                 --replay p2p/64:refuse/72:tool-dies/76:cut-source/115:emulator-dies-source)
vmferry_mutation(native_is_like_any vmferry_engine core/engine/diagnose.cpp
                 "plan.switch_mode == model::SwitchMode::native ?" "plan.switch_mode == model::SwitchMode::native && false ?" --pairs --shape native --sample 20)

# Post-copy.
set(postcopy --singles --shape postcopy)
vmferry_mutation(postcopy_not_durable vmferry_phases core/phases/postcopy.cpp
                 "VMF_TRY(context.record(journal::Kind::postcopy, {}, {{\"reason\", why}}));"
                 "context.defer(journal::Kind::postcopy, {}, {{\"reason\", why}});" ${postcopy})
vmferry_mutation(half_taken_for_whole vmferry_engine core/engine/classification.cpp
                 "return target.reason == StateReason::postcopy ? TargetIs::postcopy : TargetIs::broken;"
                 "return TargetIs::running;" ${postcopy})
vmferry_mutation(postcopy_not_resumed vmferry_engine core/engine/reconnect.cpp "if (both_broken()) {"
                 "if (both_broken() && false) {" ${postcopy})

# VMs that are off.
set(off --singles --shape off)
vmferry_mutation(cold_commit_may_fail vmferry_phases core/phases/cold.cpp
                 "VMF_TRY(context.record(journal::Kind::commit));"
                 "static_cast<void>(context.record(journal::Kind::commit));" ${off})
vmferry_mutation(unbolted_beside_the_source vmferry_phases core/phases/cold.cpp
                 "if (!source.reachable || source.exists) {" "if (false) {" ${off})
vmferry_mutation(bolt_stays vmferry_phases core/phases/cold.cpp "VMF_TRY(records->unbolt(plan.vm_uuid));"
                 "static_cast<void>(records);" --replay off)
