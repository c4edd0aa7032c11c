#!/usr/bin/env bats
# vmferry migrate --copy-storage, as far as a driver that cannot copy disks lets it go: what is refused, and how.

load helper

setup() {
    setup_of_helper
    local disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/db1.qcow2'/>"
    disk+="<target dev='vda' bus='virtio'/></disk>"
    node kvm1 "$(domain web1 6601)" \
        "$(domain db1 6605 | sed "s|</domain>|<devices>$disk</devices></domain>|")" \
        "<pool type='iscsi'><name>san</name><source><host name='san1'/><device path='iqn.2026-11.org:x'/></source><target><path>/dev/disk/by-path</path></target></pool>"
    node kvm2
}

@test "its options say nothing without it: 64" {
    for words in "--map-storage /a=/b" --keep-source --sync-writes; do
        for command in migrate plan; do
            run --separate-stderr vmferry $command db1 kvm2 $words
            refute_done 64 "without --copy-storage" "vmferry migrate --help"
        done
    done
}

@test "a mapping is A=B: 64" {
    for word in /a =/b /a= ""; do
        run --separate-stderr vmferry migrate db1 kvm2 --copy-storage --map-storage "$word"
        refute_done 64 "is not A=B" ""
    done
}

@test "only with the guarded switch, and not with post-copy: 64" {
    for words in --p2p "--switch fence" "--switch wait" "--switch native"; do
        run --separate-stderr vmferry migrate db1 kvm2 --copy-storage $words
        refute_done 64 "needs the guarded switch" "leave out --switch and --p2p"
    done
    for words in --postcopy "--on-timeout postcopy"; do
        run --separate-stderr vmferry migrate db1 kvm2 --copy-storage $words
        refute_done 64 "post-copy" "leave out post-copy or --copy-storage"
    done
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "beside --plan, which says it all: 64" {
    run --separate-stderr vmferry migrate --plan x.plan --copy-storage
    refute_done 64 "--plan says it all" "vmferry migrate --plan x.plan"
}

@test "a datastore that a host does not know is 66, and nothing is begun" {
    run --separate-stderr vmferry migrate db1 kvm2 --copy-storage --map-storage nowhere=/images
    refute_done 66 "no storage pool nowhere .*on kvm1" ""
    run --separate-stderr vmferry migrate db1 kvm2 --copy-storage --map-storage /images=nowhere
    refute_done 66 "no storage pool nowhere .*on kvm2" ""
    run -0 vmferry audit
    refute_output --partial "migrate"
}

@test "a pool that keeps no files is refused: 10" {
    run --separate-stderr vmferry migrate db1 kvm2 --copy-storage --map-storage san=/images
    refute_done 10 "of type iscsi" ""
}

@test "a VM without disks that could be copied moves as ever" {
    run --separate-stderr vmferry migrate web1 kvm2 --copy-storage
    refute_done 20 "" "vmferry migrate web1 kvm2 --copy-storage"
    run -0 vmferry audit --vm web1 --json
    assert_output --partial '"wanted":true'
    assert_schema audit
}

@test "the option is named where it would help, and explained" {
    run -0 vmferry explain VMF-S001
    assert_output --partial -- "--copy-storage"
    for code in VMF-S030 VMF-S031 VMF-S032; do
        run -0 vmferry explain "$code"
        assert_line --index 0 --regexp "^$code: "
    done
}
