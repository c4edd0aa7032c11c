#!/usr/bin/env bats
# One vmferry per VM.

load helper


@test "a second vmferry on the same VM is 75 at once and names the first" {
    need_failpoints
    paused_migrate
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 75 "another vmferry works on web1: pid $(worker_of "$guardian")" "vmferry status"
    run --separate-stderr vmferry precheck web1 kvm2
    assert_equal "$status" 75
    run --separate-stderr vmferry announce web1
    assert_equal "$status" 75
    run --separate-stderr vmferry rollback --vm web1
    assert_equal "$status" 75
    go
    reap
    assert_equal "$status" 20
}

@test "another VM is not held up" {
    need_failpoints
    paused_migrate
    run -0 vmferry -c kvm2 migrate db1 kvm1
    go
    reap
}

@test "a lock file that a dead vmferry left is no lock" {
    mkdir -p "$BATS_TEST_TMPDIR/locks"
    echo "pid 1, migrate of web1" >"$BATS_TEST_TMPDIR/locks/0a8b7c6d-1111-4222-8333-444455556601.lock"
    run -0 vmferry migrate web1 kvm1
}

@test "a lock directory that cannot be made says how to change it" {
    sed -i "s|^lock_dir.*|lock_dir = \"/proc/vmferry\"|" "$VMFERRY_CONFIG"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 1 "lock directory /proc/vmferry" "lock_dir"
}

@test "a VM with an unfinished transaction is 75 and says how to settle it" {
    need_failpoints
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 75 "web1 has an unfinished transaction" "vmferry rollback [0-9a-f-]{13}"
    assert_regex "$stderr" "error VMF-E176"
}
