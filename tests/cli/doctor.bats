#!/usr/bin/env bats
# Without the journal: status --doctor, rollback --hosts, rollback --from-hosts, an older copy of it; and the drill.

load helper

marked() { # marked NAME LAST-DIGITS TX EPOCH: a domain that bears a marker
    domain "$1" "$2" | sed "s|<memory>|<metadata><vmferry:marker xmlns:vmferry='urn:vmferry:marker:1' transaction='$3' \
epoch='$4' role='source' committed='no' controller='admin1'/></metadata><memory>|"
}
other_tx=019abcde-0000-7000-8000-000000000001

@test "doctor: a VM that is well needs nothing" {
    run -0 vmferry status --doctor web1 --hosts kvm1,kvm2
    assert_output --partial "Row runs-once"
    assert_output --partial "Nothing has to be settled."
    run -0 --separate-stderr vmferry status --doctor web1 --hosts kvm1,kvm2 --json
    assert_schema doctor
    assert_equal "$(json row)" '"runs-once"'
    assert_equal "$(json hosts 1 exists)" false
}

@test "doctor: what it needs to know is 64, an unknown VM 66" {
    run --separate-stderr vmferry status --doctor web1
    refute_done 64 "--doctor VM goes with --hosts A,B" "vmferry status --doctor VM --hosts A,B"
    run --separate-stderr vmferry status --doctor web1 --hosts kvm1
    refute_done 64 "--hosts names the two hosts" "--hosts SOURCE,TARGET"
    run --separate-stderr vmferry status --doctor nobody --hosts kvm1,kvm2
    refute_done 66 "no VM 'nobody' on kvm1, and none on kvm2"
    run --separate-stderr vmferry status --doctor nobody --hosts kvm1,kvm2 --json
    assert_schema doctor
}

@test "doctor: a host that does not answer is 30, and named" {
    sed -i "s|uri = \"test://.*kvm2.xml\"|uri = \"qemu+tcp://127.0.0.1:1/system\"|" "$VMFERRY_CONFIG"
    run --separate-stderr vmferry status --doctor web1 --hosts kvm1,kvm2 --json
    assert_equal "$status" 30
    assert_schema doctor
    assert_equal "$(json row)" '"host-away"'
    assert_output --partial "bring kvm2 back"
}

@test "twice defined: named, and settled with -y, once" {
    node kvm2 "$(domain web1 6601 5)"
    run -0 vmferry status --doctor web1 --hosts kvm1,kvm2
    assert_output --partial "Row twice-defined"
    assert_output --partial "Next: vmferry rollback --vm web1 --hosts 'kvm1,kvm2'"
    run --separate-stderr vmferry rollback --vm web1 --hosts kvm1,kvm2
    refute_done 64 "settling without a journal needs -y" "with -y"
    run -0 vmferry rollback --vm web1 --hosts kvm1,kvm2 -n
    assert_output --partial "would: remove the definition on kvm2"
    run -0 --separate-stderr vmferry rollback --vm web1 --hosts kvm1,kvm2 -y --json
    assert_schema result
    assert_equal "$(json outcome)" '"committed"'
    assert_equal "$(json location host)" '"kvm1"'
    run -0 vmferry audit "$(json tx | tr -d '"')"
    assert_output --partial "undefine:source"
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
    # What others left broken is not undone like a move.
    run -0 vmferry rollback --vm web1
    assert_output --partial "Nothing to do"
}

@test "off on both: a human chooses" {
    node kvm2 "$(domain db1 6603 5)"
    run --separate-stderr vmferry rollback --vm db1 --hosts kvm1,kvm2 -y
    refute_done 30 "either host would start it" "--keep kvm1   or: .*--keep kvm2"
    run --separate-stderr vmferry rollback --vm db1 --hosts kvm1,kvm2 --keep kvm7 -y
    refute_done 64 "--keep names one of kvm1 and kvm2, not kvm7" "--keep kvm1"
    run -0 vmferry rollback --vm db1 --hosts kvm1,kvm2 --keep kvm2 -y
    assert_output --partial "db1 is shut off on kvm2: remove the definition on kvm1, done"
}

@test "two that run are left to a human" {
    node kvm2 "$(domain web1 6601)"
    run --separate-stderr vmferry rollback --vm web1 --hosts kvm1,kvm2 --keep kvm1 -y
    refute_done 30 "both hosts run the VM" "vmferry status --doctor web1"
    run vmferry status --doctor web1 --hosts kvm1,kvm2
    assert_equal "$status" 30
    assert_output --regexp "virsh -c test://.*kvm2.xml destroy web1"
}

@test "--hosts and --keep without what they belong to are 64" {
    run --separate-stderr vmferry rollback --hosts kvm1,kvm2 -y
    refute_done 64 "say which transaction"
    run --separate-stderr vmferry rollback --vm web1 --hosts kvm1 -y
    refute_done 64 "--hosts names two hosts"
    run --separate-stderr vmferry rollback --vm web1 --keep kvm1 -y
    refute_done 64 "--keep belongs to --hosts"
}

@test "a VM that bears a marker is not one that others left" {
    node kvm1 "$(marked web1 6601 $other_tx 9)"
    run --separate-stderr vmferry rollback --vm web1 --hosts kvm1,kvm2 -y
    refute_done 1 "VMF-E190" "rollback --from-hosts"
    run vmferry status --doctor web1 --hosts kvm1,kvm2
    assert_equal "$status" 30
    assert_output --partial "marker of transaction 019abcde-0000"
}

@test "--from-hosts: nothing found is 0; a host that does not answer is 69" {
    run --separate-stderr vmferry rollback --from-hosts kvm1,kvm2
    refute_done 64 "settling without a journal needs -y" "with -y"
    run -0 vmferry rollback --from-hosts kvm1,kvm2 -y
    assert_output --partial "No marker of vmferry on kvm1, kvm2"
    run --separate-stderr vmferry rollback --from-hosts kvm1,kvm7 -y
    refute_done 68 "kvm7"
    sed -i "s|uri = \"test://.*kvm2.xml\"|uri = \"qemu+tcp://127.0.0.1:1/system\"|" "$VMFERRY_CONFIG"
    run --separate-stderr vmferry rollback --from-hosts kvm1,kvm2 -y
    refute_done 69 "kvm2 gives no answer" "bring it back"
}

@test "--from-hosts: a marker that tells no plan is refused" {
    node kvm1 "$(marked web1 6601 $other_tx 9)"
    run --separate-stderr vmferry rollback --from-hosts kvm1,kvm2 -y
    refute_done 1 "tells no plan" "vmferry rollback 019abcde-0000"
}

@test "an older copy of the journal is not acted on" {
    need_failpoints
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    node kvm1 "$(marked web1 6601 $other_tx 9)"
    run --separate-stderr vmferry rollback --all-incomplete
    refute_done 30 "VMF-E178: this journal is an older copy of itself" "vmferry rollback --from-hosts 'kvm1,kvm2'"
    assert_regex "$stderr" "marker of a later transaction, 019abcde-0000"
    run -0 vmferry explain VMF-E178
    run vmferry status --doctor web1 --hosts kvm1,kvm2
    assert_output --partial "Row journal-is-old"
}

@test "drill: wrong words are 64, no such VM 66, a VM that is off 1" {
    run --separate-stderr vmferry drill web1
    assert_equal "$status" 64
    run --separate-stderr vmferry drill web1 kvm2 --at sometimes
    refute_done 64 "'sometimes' is not like before:12 or after:12"
    run --separate-stderr vmferry drill nobody kvm2
    refute_done 66 "no VM 'nobody'"
    run --separate-stderr vmferry drill db1 kvm2
    refute_done 1 "the drill needs a VM that runs"
    run --separate-stderr vmferry drill db1 kvm2 --json
    assert_schema drill
}

@test "drill: a VM that cannot be moved is left alone" {
    run --separate-stderr vmferry drill web1 kvm2
    refute_done 1 "VMF-E192: the undisturbed move ended with exit code" "vmferry status"
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "drill: one round dies by SIGKILL at the write that is named" {
    run --separate-stderr vmferry drill web1 kvm2 --at after:1
    assert_equal "$status" 137
    assert_output --partial ""
    assert_regex "$stderr" "write: BEGIN"
    run -0 vmferry rollback --all-incomplete
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}
