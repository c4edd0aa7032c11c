#!/usr/bin/env bats
# vmferry migrate of a VM that is shut off, as far as a driver that tells little about its host lets it go.

load helper

@test "a failure leaves it off, compared, and the journal says so" {
    run --separate-stderr vmferry migrate db1 kvm2
    refute_done 20 "" "vmferry migrate db1 kvm2 .*details: vmferry audit"
    assert_regex "$stderr" "db1 is SHUT OFF on kvm1, as before"
    assert_regex "$stderr" "Nothing is left on kvm2"
    run -0 vmferry status db1
    assert_output --partial "rolled-back"
    run -0 vmferry audit --json
    assert_schema audit
    assert_output --partial '"was_off":true'
}

@test "--copy-storage is a move of it like any, and what cannot be done takes it back" {
    run --separate-stderr vmferry migrate db1 kvm2 --copy-storage
    refute_done 20 "" "vmferry migrate db1 kvm2 .*details: vmferry audit"
    assert_regex "$stderr" "db1 is SHUT OFF on kvm1, as before"
    run -0 vmferry audit --json
    assert_schema audit
    assert_output --partial '"wanted":true'
}

@test "what is about memory is said to have nothing to do" {
    for words in "--switch wait" --p2p --postcopy "--probe 192.0.2.1"; do
        run vmferry migrate db1 kvm2 $words
        assert_output --partial "db1 is shut off: there is no memory to send"
    done
    run vmferry migrate db1 kvm2
    refute_output --partial "no memory to send"
}

@test "its codes are explained" {
    for code in VMF-E220 VMF-E221 VMF-E222 VMF-E223 VMF-E224 VMF-E225 VMF-E226 VMF-E227 VMF-E228; do
        run -0 vmferry explain "$code"
        assert_line --index 0 --regexp "^$code: "
    done
}

@test "an unfinished move of it has nothing to choose: 64" {
    need_failpoints
    VMFERRY_FAILPOINTS="journal.BEGIN.after=crash-group" run vmferry migrate db1 kvm2
    local tx
    tx=$(vmferry status db1 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["transactions"][0]["tx"])')
    for words in --forward "--host-dead kvm1"; do
        run --separate-stderr vmferry rollback "$tx" $words
        refute_done 64 "neither --forward nor --host-dead" "vmferry rollback"
    done
    run -0 vmferry rollback "$tx" -n
    assert_output --partial "the VM is off at the source"
    run -0 vmferry rollback "$tx"
}

@test "--verify guestfs looks into copies of VMs that are off, by a plugin that must be there" {
    for command in "migrate db1 kvm2 --copy-storage" "storage-move db1 --to /fast"; do
        run --separate-stderr vmferry $command --verify fsck
        refute_done 64 "'fsck' is not guestfs" ""
    done
    run --separate-stderr vmferry migrate db1 kvm2 --verify guestfs
    refute_done 64 "without --copy-storage there are none" "vmferry migrate --help"
    run --separate-stderr vmferry migrate web1 kvm2 --copy-storage --verify guestfs
    refute_done 10 "VMF-E227: web1 is not shut off" "leave out --verify guestfs"
    mkdir "$BATS_TEST_TMPDIR/none"
    printf '[plugins]\ndir = "%s/none"\n' "$BATS_TEST_TMPDIR" >>"$VMFERRY_CONFIG"
    run --separate-stderr vmferry migrate db1 kvm2 --copy-storage --verify guestfs
    refute_done 10 "VMF-E227: --verify guestfs: " "vmferry-plugin-guestfs"
    run -0 vmferry audit
    refute_output --partial "migrate"
}
