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
    assert_schema announce
    assert_equal "$(json schema)" '"vmferry.announce/1"'
    assert_equal "$(json error id)" '"VMF-E101"'
}

@test "options that contradict each other are 64" {
    run --separate-stderr vmferry announce web1 --method frames
    refute_done 64 "frames need --interface" "announce --help"
    run --separate-stderr vmferry announce web1 --method qmp --interface lo
    refute_done 64 "for frames, not for qmp" "announce --help"
    run --separate-stderr vmferry announce web1 --method smoke
    refute_done 64 "'smoke' is none of" "announce --help"
}

@test "an address that is none, and one that no interface is there for, are 64" {
    run --separate-stderr vmferry announce web1 --probe web1.example.org
    refute_done 64 "not the IP address of one host" ""
    run --separate-stderr vmferry announce web1 --probe 192.0.2.17
    refute_done 64 "0 interfaces: which one" "MAC=ADDRESS"
    run --separate-stderr vmferry announce web1 --probe 52:54:00:00:00:01=192.0.2.17
    refute_done 64 "no interface 52:54:00:00:00:01" ""
    run --separate-stderr vmferry migrate web1 kvm2 --probe 224.0.0.1
    refute_done 64 "not the IP address of one host" ""
}
