#!/usr/bin/env bats
# vmferry rollback

load helper

crash() {
    need_failpoints
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    run -0 --separate-stderr vmferry status --json
    tx=$(json transactions 0 tx | tr -d '"')
}

@test "an unknown transaction is 66" {
    run --separate-stderr vmferry rollback 01939f3c
    refute_done 66 "no transaction '01939f3c'" "vmferry status"
    run --separate-stderr vmferry rollback --vm web1
    refute_done 66 "no transaction of a VM 'web1'" "vmferry status"
}

@test "no choice and two choices are 64" {
    run --separate-stderr vmferry rollback
    refute_done 64 "say which transaction" "vmferry status"
    run --separate-stderr vmferry rollback 01939f3c --all-incomplete
    refute_done 64 "say which transaction" "vmferry status"
}

@test "an unfinished transaction is settled, once" {
    crash
    run -0 --separate-stderr vmferry rollback "${tx:0:13}"
    assert_output --partial "web1 is RUNNING on kvm1, as before"
    run -0 vmferry rollback "$tx"
    assert_output --partial "ended before: rolled-back"
    run vmferry migrate web1 kvm2
    assert_equal "$status" 20
}

@test "JSON: rolled-back is success here" {
    crash
    run -0 --separate-stderr vmferry rollback --vm web1 --json
    assert_schema result
    assert_equal "$(json outcome)" '"rolled-back"'
    assert_equal "$(json command)" '"rollback"'
    assert_equal "$(json undone)" '[]'
}

@test "-n changes nothing" {
    crash
    before=$(sha256sum "$VMFERRY_JOURNAL")
    run -0 --separate-stderr vmferry rollback "$tx" -n
    assert_output --partial "would: "
    assert_equal "$(sha256sum "$VMFERRY_JOURNAL")" "$before"
}

@test "--all-incomplete with nothing to do is 0" {
    run -0 vmferry rollback --all-incomplete
}

@test "--all-incomplete settles what a crash left and leaves what is under way" {
    need_failpoints
    paused_migrate
    run -0 --separate-stderr vmferry rollback --all-incomplete
    assert_output --partial "1 under way and left alone"
    go
    reap
    assert_equal "$status" 20
}

@test "--host-dead must name one of the two hosts" {
    crash
    run --separate-stderr vmferry rollback "$tx" --host-dead kvm7
    refute_done 64 "between kvm1 and kvm2, not kvm7" "--host-dead kvm1"
}

@test "a host that does not answer: in doubt, 30, and status says which" {
    crash
    sed -i "s|uri = \"test://.*kvm1.xml\"|uri = \"qemu+tcp://127.0.0.1:1/system\"|" "$VMFERRY_CONFIG"
    run --separate-stderr vmferry rollback "$tx"
    assert_equal "$status" 30
    assert_regex "$stderr" "Nothing was started"
    run -0 vmferry status
    assert_output --partial "IN DOUBT"
    assert_output --partial "kvm1 unreachable: bring it back, then: vmferry rollback"
}
