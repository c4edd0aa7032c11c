#!/usr/bin/env bats
# The guardian: what happens when one of the two processes dies.

load helper

setup() {
    setup_of_helper
    need_failpoints
}

@test "the worker dies: what it left is settled within a second, the outcome is the exit code" {
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash run --separate-stderr vmferry migrate web1 kvm2
    refute_done 20 "worker was ended by SIGKILL" "vmferry migrate web1 kvm2"
    assert_regex "$stderr" "web1 is RUNNING on kvm1, as before"
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "the worker dies before it began: 70, nothing was touched" {
    VMFERRY_FAILPOINTS=journal.BEGIN.before=crash run --separate-stderr vmferry migrate web1 kvm2
    refute_done 70 "SIGKILL before it began" "Next"
}

@test "the worker dies after the end: its outcome is told" {
    VMFERRY_FAILPOINTS=journal.END.after=crash run --separate-stderr vmferry migrate web1 kvm2 --json
    assert_equal "$status" 20
    assert_equal "$(json outcome)" '"rolled-back"'
}

@test "the worker is killed by hand" {
    paused_migrate
    kill -KILL "$(worker_of "$guardian")"
    reap
    assert_equal "$status" 20
}

@test "the guardian alone dies: the worker goes on" {
    paused_migrate
    worker=$(worker_of "$guardian")
    kill -KILL "$guardian"
    reap
    go
    wait_for_text "$BATS_TEST_TMPDIR/err" "as before"
    for ((i = 0; i < 100; i++)); do
        kill -0 "$worker" 2>/dev/null || break
        sleep 0.05
    done
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "a precheck that dies is cleaned up" {
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash run vmferry precheck web1 kvm2
    assert_equal "$status" 20
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "both die: the next start settles it" {
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    run -0 vmferry rollback --all-incomplete
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}
