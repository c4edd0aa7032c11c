#!/usr/bin/env bats
# --events: the stream for programs, and the log.

load helper

types() { jq -r .type "$1" | tr '\n' ' '; }

@test "a rolled-back move from hello to result, as the schema says" {
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr vmferry migrate web1 kvm2 --events e
    refute_done 20 "" ""
    assert_schema events - <e
    assert_regex "$(types e)" "^hello tx-begin phase .*recovery .*result $"
    assert_equal "$(jq -s -c 'map(.seq)' e)" "$(jq -s -c '[range(length)]' e)"
    assert_equal "$(tail -n 1 e | jq -r .exit_code)" 20
    assert_equal "$(jq -r 'select(.type == "phase") | .phase + " " + .state' e | head -n 1)" "precheck start"
}

@test "the result of the stream is what --json prints" {
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr vmferry migrate web1 kvm2 --events e --json
    assert_schema result
    assert_equal "$(tail -n 1 e | jq -S 'del(.type, .seq, .ts)')" "$(jq -S . <<<"$output")"
}

@test "--events - : stdout has nothing else, stderr is for people" {
    run --separate-stderr vmferry migrate web1 kvm2 --events -
    assert_equal "$status" 20
    assert_schema events
    assert_regex "$stderr" "error VMF-"
}

@test "--events fd:N" {
    run bash -c '"$VMFERRY" migrate web1 kvm2 --events fd:7 7>&1 >/dev/null 2>/dev/null'
    assert_schema events
}

@test "a mistake before anything begins is in the stream too" {
    run --separate-stderr vmferry migrate web9 kvm2 --events -
    assert_equal "$status" 66
    assert_schema events
    assert_equal "$(tail -n 1 <<<"$output" | jq -r .type)" result
    echo broken >"$VMFERRY_CONFIG"
    run --separate-stderr vmferry migrate web1 kvm2 --events -
    assert_equal "$status" 78
    assert_schema events
}

@test "precheck and rollback have events; what changes nothing does not know the option" {
    cd "$BATS_TEST_TMPDIR"
    vmferry precheck web1 status kvm2 --events e || true
    assert_schema events - <e
    assert_equal "$(jq -r 'select(.type == "result") | .schema' e | sort -u)" "vmferry.precheck/1"
    run --separate-stderr vmferry status --events e
    refute_done 64 "unknown option '--events'" ""
}

@test "a destination that cannot be written is 64, and nothing begins" {
    for where in /nonexistent/e fd:99 fd:x; do
        run --separate-stderr vmferry migrate web1 kvm2 --events "$where"
        refute_done 64 "events cannot be written to '$where'" ""
    done
    run --separate-stderr bash -c '"$VMFERRY" migrate web1 kvm2 --events fd:7 7</dev/null'
    refute_done 64 "" ""
    assert [ ! -e "$VMFERRY_JOURNAL" ]
}

@test "a reader that goes away changes nothing" {
    run bash -c '"$VMFERRY" migrate web1 kvm2 --events fd:7 7> >(head -n 1 >/dev/null) 2>/dev/null'
    assert_equal "$status" 20
}

@test "after a killed worker the stream goes on with a new hello" {
    need_failpoints
    cd "$BATS_TEST_TMPDIR"
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash run vmferry migrate web1 kvm2 --events e
    assert_schema events - <e
    assert_equal "$(types e | grep -o hello | wc -l)" 2
    assert_equal "$(tail -n 1 e | jq -r .type)" result
}

@test "--log-file gets the log whatever -q says, and is appended to" {
    cd "$BATS_TEST_TMPDIR"
    echo before >log
    run vmferry -q migrate web1 kvm2 --log-file log
    assert_equal "$(head -n 1 log)" before
    run -0 cat log
    assert_line --regexp '^20[0-9T:.+-]*[Z]? ?vmferry\[[0-9]+\] info \[[0-9a-f-]{13}\] migrate of web1: kvm1 -> kvm2$'
    assert_line --regexp 'error \[[0-9a-f-]{13}\] precheck failed: '
    run --separate-stderr vmferry status --log-file /nonexistent/log
    refute_done 64 "log file /nonexistent/log cannot be written" ""
}
