#!/usr/bin/env bats
# vmferry announce, as far as a driver without QEMU lets it go.

load helper

@test "an unknown VM is 66, an unknown host 68" {
    run --separate-stderr vmferry announce web9
    refute_done 66 "" ""
    run --separate-stderr vmferry announce -c kvm9 web1
    refute_done 68 "unknown host 'kvm9'" "host.kvm9"
}

@test "a VM that is off cannot announce itself" {
    run --separate-stderr vmferry announce db1
    refute_done 1 "only a running VM" "vmferry announce -c HOST db1"
}

@test "it needs no journal" {
    run vmferry --journal /proc/none/journal.db announce db1
    assert_equal "$status" 1
}

@test "errors as JSON have its schema" {
    run --separate-stderr vmferry announce db1 --json
    assert_equal "$(json schema)" '"vmferry.announce/1"'
    assert_equal "$(json error id)" '"VMF-E101"'
}
