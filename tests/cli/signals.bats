#!/usr/bin/env bats
# Signals: each counts once, whatever way it comes.

load helper

setup() {
    setup_of_helper
    need_failpoints
}

@test "INT before the point of no return: rolled back, 130" {
    paused_migrate
    kill -INT "$guardian"
    wait_for_text "$BATS_TEST_TMPDIR/err" "cancelling, rolling back web1 to kvm1"
    go
    reap
    assert_equal "$status" 130
    run -0 cat "$BATS_TEST_TMPDIR/err"
    assert_line --partial "web1 is RUNNING on kvm1, as before"
}

@test "TERM: 143; a second one changes nothing" {
    paused_migrate
    kill -TERM "$guardian"
    wait_for_text "$BATS_TEST_TMPDIR/err" "cancelling"
    sleep 0.4
    kill -TERM "$guardian"
    sleep 0.2
    go
    reap
    assert_equal "$status" 143
    refute grep -q "leaving optional" "$BATS_TEST_TMPDIR/err"
}

@test "everybody is signalled at once (systemd): counts once" {
    paused_migrate
    kill -TERM "$guardian" "$(worker_of "$guardian")"
    wait_for_text "$BATS_TEST_TMPDIR/err" "cancelling"
    go
    reap
    assert_equal "$status" 143
    assert_equal "$(grep -c cancelling "$BATS_TEST_TMPDIR/err")" 1
}

@test "INT to the worker alone counts too" {
    paused_migrate
    kill -INT "$(worker_of "$guardian")"
    wait_for_text "$BATS_TEST_TMPDIR/err" "cancelling"
    go
    reap
    assert_equal "$status" 130
}

@test "the 2nd INT leaves clean-up, the 3rd leaves at once with 30" {
    paused_migrate
    kill -INT "$guardian"
    wait_for_text "$BATS_TEST_TMPDIR/err" "cancelling"
    sleep 0.4
    kill -INT "$guardian"
    wait_for_text "$BATS_TEST_TMPDIR/err" "leaving optional clean-up for later"
    sleep 0.4
    kill -INT "$guardian"
    reap
    assert_equal "$status" 30
    run -0 vmferry rollback --all-incomplete
}

@test "HUP, TSTP, QUIT and PIPE do not stop it" {
    paused_migrate
    for signal in HUP TSTP QUIT PIPE; do
        kill "-$signal" "$guardian" "$(worker_of "$guardian")"
    done
    sleep 0.2
    go
    reap
    assert_equal "$status" 20
}

@test "USR1 prints where it is" {
    paused_migrate
    kill -USR1 "$guardian"
    sleep 0.3
    go
    reap
    assert_equal "$status" 20
    assert [ "$(grep -c . "$BATS_TEST_TMPDIR/err")" -gt 6 ]
}

@test "Ctrl-C at a terminal reaches it once" {
    command -v script >/dev/null || skip "no script(1)"
    export VMFERRY_FAILPOINTS="journal.BEGIN.after=pause:$BATS_TEST_TMPDIR/go"
    (
        wait_for_file "$BATS_TEST_TMPDIR/go.reached"
        printf '\003'
        sleep 1
        touch "$BATS_TEST_TMPDIR/go"
        sleep 5
    ) | timeout 60 script -qec "$VMFERRY migrate web1 kvm2" /dev/null >"$BATS_TEST_TMPDIR/tty" 3>&- || status=$?
    assert_equal "$status" 130
    assert_equal "$(grep -c cancelling "$BATS_TEST_TMPDIR/tty")" 1
}
