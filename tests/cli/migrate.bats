#!/usr/bin/env bats
# vmferry migrate, as far as a driver that cannot migrate lets it go.

load helper

@test "an unknown VM is 66 and nothing is begun" {
    run --separate-stderr vmferry migrate web9 kvm2
    refute_done 66 "no VM 'web9' on kvm1, and none on kvm2" "virsh list --all"
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "source and target are the same host: 0, changed is false" {
    run -0 vmferry migrate web1 kvm1
    assert_output --partial "same host"
    run -0 --separate-stderr vmferry migrate web1 kvm1 --json
    assert_schema result
    assert_equal "$(json changed)" false
    assert_equal "$(json outcome)" '"unchanged"'
    assert_equal "$(json location host)" '"kvm1"'
    assert_equal "$(json tx)" null
}

@test "the same host by another name is the same host" {
    run -0 vmferry migrate web1 "test://$BATS_TEST_TMPDIR/kvm1.xml"
    assert_output --partial "same host"
}

@test "an unknown VM on the same host is 66" {
    run --separate-stderr vmferry migrate web9 kvm1
    refute_done 66 "no VM 'web9'" "virsh"
}

@test "a VM that is at the target and not on the source: 0, changed is false" {
    run -0 --separate-stderr vmferry -c kvm2 migrate web1 kvm1 --json
    assert_equal "$(json changed)" false
    assert_equal "$(json exit_code)" 0
    assert_equal "$(json from)" '"kvm2"'
}

@test "a VM may be called like a command, and be given by UUID" {
    run -0 vmferry -c kvm2 migrate status kvm1
    assert_output --partial "status is on kvm1 already"
    run -0 vmferry -c kvm2 migrate 0a8b7c6d-1111-4222-8333-444455556601 kvm1
}

@test "-q says nothing when there is nothing to do" {
    run -0 vmferry -q migrate web1 kvm1
    assert_output ""
}

@test "a failure ends with the four lines, the VM is back, and the journal says so" {
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 20 "" "vmferry migrate web1 kvm2 .*details: vmferry audit"
    assert_regex "$stderr" "web1 is RUNNING on kvm1, as before"
    assert_regex "$stderr" "Nothing is left on kvm2"
    run -0 vmferry status web1
    assert_output --partial "rolled-back"
}

@test "a failure as JSON: everything that scripts need is there, stdout is one document" {
    run --separate-stderr vmferry migrate web1 kvm2 --json
    assert_equal "$status" 20
    assert_equal ${#lines[@]} 1
    assert_equal "$(json schema)" '"vmferry.result/1"'
    assert_equal "$(json outcome)" '"rolled-back"'
    assert_equal "$(json rolled_back)" true
    assert_equal "$(json exit_code)" 20
    assert_equal "$(json changed)" false
    assert_equal "$(json vm uuid)" '"0a8b7c6d-1111-4222-8333-444455556601"'
    assert_equal "$(json location host)" '"kvm1"'
    assert_equal "$(json location state)" '"running"'
    assert_equal "$(json location proven)" true
    for field in command from to tx downtime_ms duration_ms bytes_sent passes warnings debts error; do
        json "$field"
    done
}

@test "an error before anything is touched as JSON" {
    run --separate-stderr vmferry migrate web1 kvm9 --json
    assert_equal "$status" 68
    assert_equal "$(json outcome)" '"refused"'
    assert_equal "$(json error id)" '"VMF-E068"'
    assert_equal "$(json error kind)" '"unknown-host"'
    assert_equal "$(json tx)" null
}

@test "-q hides progress but never the error" {
    run --separate-stderr vmferry -q migrate web1 kvm2
    assert_equal "$status" 20
    assert_equal ${#stderr_lines[@]} 5
    assert_regex "$stderr" "^cause: "
}

@test "stdout carries nothing but the result" {
    run --separate-stderr vmferry -vv migrate web1 kvm2
    assert_output ""
}

@test "a closed reader, a full disk behind stdout and closed descriptors change nothing" {
    run bash -c '"$VMFERRY" migrate web1 kvm2 --json 2>&1 | true; exit ${PIPESTATUS[0]}'
    assert_equal "$status" 20
    run bash -c '"$VMFERRY" migrate web1 kvm2 --json >/dev/full 2>/dev/full'
    assert_equal "$status" 20
    run bash -c '"$VMFERRY" migrate web1 kvm2 --json <&- >&- 2>&-'
    assert_equal "$status" 20
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}
