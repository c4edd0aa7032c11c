#!/usr/bin/env bats
# migrate --detach, status --wait and --watch, --lock-wait.

load helper

@test "--detach prints the transaction; status --wait has its exit code" {
    run -0 --separate-stderr vmferry migrate web1 kvm2 --detach
    assert_output --regexp '^transaction [0-9a-f-]{36} goes on in the background\.   Next: vmferry status [0-9a-f-]{13} --wait$'
    tx=$(cut -d' ' -f2 <<<"$output")
    run --separate-stderr vmferry status "$tx" --wait --timeout 30s
    assert_equal "$status" 20
    assert_output --partial rolled-back
}

@test "--detach as JSON" {
    run -0 --separate-stderr vmferry migrate web1 kvm2 --detach --json
    assert_schema detached
    vmferry status "$(json tx | tr -d '"')" --wait || true
}

@test "what fails before it begins fails in the foreground" {
    run --separate-stderr vmferry migrate web9 kvm2 --detach
    refute_done 66 "no VM 'web9'" ""
    run --separate-stderr vmferry migrate web9 kvm2 --detach --json
    assert_equal "$status" 66
    assert_equal "$(json error id)" '"VMF-E066"'
}

@test "a detached move holds neither the terminal nor the caller's pipe" {
    need_failpoints
    # It stands still after the transaction is told: only closed pipes let this return.
    export VMFERRY_FAILPOINTS="journal.NOTE.before=pause:$BATS_TEST_TMPDIR/go"
    tx=$(timeout --kill-after=1 20 "$VMFERRY" migrate web1 kvm2 --detach --json 2>&1 3>&- | jq -r .tx)
    wait_for_file "$BATS_TEST_TMPDIR/go.reached"
    run vmferry status web1
    assert_output --partial precheck
    go
    run vmferry status "$tx" --wait --timeout 30s
    assert_equal "$status" 20
}

@test "--events - does not go with --detach" {
    run --separate-stderr vmferry migrate web1 kvm2 --detach --events -
    refute_done 64 "--detach leaves stdout" ""
}

@test "status --wait: an interrupted move is 130, also told later" {
    need_failpoints
    paused_migrate
    kill -INT "$guardian"
    sleep 0.3
    go
    reap
    assert_equal "$status" 130
    run vmferry status web1 --wait
    assert_equal "$status" 130
}

@test "status --wait: the time is over, 75" {
    need_failpoints
    paused_migrate
    run --separate-stderr vmferry status web1 --wait --timeout 500ms
    refute_done 75 "VMF-E177: transaction .* of web1 is still under way" "status .* --wait"
    go
    reap
}

@test "status --wait: nobody works on it any more, 30" {
    need_failpoints
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    run vmferry status web1 --wait --timeout 30s
    assert_equal "$status" 30
    assert_output --partial UNFINISHED
}

@test "status --wait needs a transaction, --timeout needs --wait" {
    run --separate-stderr vmferry status --wait
    refute_done 64 "--wait waits for one transaction" ""
    run --separate-stderr vmferry status --timeout 3s
    refute_done 64 "--timeout belongs to --wait" ""
}

@test "status --watch shows each change and ends with the transaction" {
    need_failpoints
    paused_migrate
    vmferry status web1 --watch --json >"$BATS_TEST_TMPDIR/watch" 3>&- &
    watch=$!
    wait_for_text "$BATS_TEST_TMPDIR/watch" '"state":"running"'
    go
    reap
    wait "$watch"
    run cat "$BATS_TEST_TMPDIR/watch"
    assert_schema status
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/watch" | jq -r '.transactions[0].outcome')" rolled-back
}

@test "--lock-wait waits for another vmferry, and no longer than it says" {
    need_failpoints
    paused_migrate
    run --separate-stderr vmferry migrate web1 kvm2 --lock-wait 500ms
    refute_done 75 "another vmferry works on web1" ""
    assert_regex "$stderr" "waiting up to 500 ms"
    (sleep 1 && touch "$BATS_TEST_TMPDIR/go") 3>&- &
    run --separate-stderr vmferry migrate web1 kvm2 --lock-wait 30s
    assert_equal "$status" 20
    reap
    assert_equal "$status" 20
}

@test "Ctrl-C ends the waiting for a lock" {
    need_failpoints
    paused_migrate
    first=$guardian
    "$VMFERRY" precheck web1 kvm2 --lock-wait 60s >/dev/null 2>"$BATS_TEST_TMPDIR/err2" 3>&- &
    second=$!
    wait_for_text "$BATS_TEST_TMPDIR/err2" "waiting up to"
    kill -INT "$second"
    code=0
    wait "$second" || code=$?
    assert_equal "$code" 130
    guardian=$first
    go
    reap
}
