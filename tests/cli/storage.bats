#!/usr/bin/env bats
# vmferry storage-move, as far as a driver that cannot copy disks lets it go: what is refused, and how.

load helper

disk() { # disk TARGET SOURCE-ELEMENT [MORE] [DEVICE] [TYPE]
    echo "<disk type='${5:-file}' device='${4:-disk}'><driver name='qemu' type='qcow2'/>$2"
    echo "<target dev='$1' bus='${6:-virtio}'/>${3:-}</disk>"
}

vm() { # vm NAME LAST-DIGITS STATE DISKS
    domain "$1" "$2" "$3" | sed "s|</domain>|<devices>$4</devices></domain>|"
}

setup() {
    setup_of_helper
    local disks
    disks=$(disk vda "<source file='/images/db1.qcow2'/>"
        disk vdb "<source file='/images/shared.qcow2'/>" "<shareable/>"
        disk vdc "<source file='/images/fixed.qcow2'/>" "<readonly/>"
        disk vdd "<source dev='/dev/sdz'/>" "" disk block
        disk sda "<source file='/images/cd.iso'/>" "<readonly/>" cdrom file sata)
    disks=$(tr -d '\n' <<<"$disks")
    node kvm1 "$(vm db1 6601 1 "$disks")" "$(vm off1 6602 5 "${disks//db1.qcow2/off1.qcow2}")" "$(vm paused1 6603 3 "$disks")" \
        "$(domain bare1 6604)" \
        "<pool type='iscsi'><name>san</name><source><host name='san1'/><device path='iqn.2026-11.org:x'/></source><target><path>/dev/disk/by-path</path></target></pool>"
}

@test "without --to, or with a format that is not copied: 64" {
    run --separate-stderr vmferry storage-move db1
    refute_done 64 "say where the disks are to go" "storage-move --help"
    run --separate-stderr vmferry storage-move db1 --to /fast --format vmdk
    refute_done 64 "not one of raw, qcow2" ""
    run --separate-stderr vmferry storage-move db1 --to /fast --disk vda,vda
    refute_done 64 "named twice" ""
    run --separate-stderr vmferry storage-move db1 --to /fast --bwlimit 5
    refute_done 64 "" ""
}

@test "an unknown VM, disk or datastore is 66, and nothing is begun" {
    run --separate-stderr vmferry storage-move db9 --to /fast
    refute_done 66 "no VM 'db9'" "virsh"
    run --separate-stderr vmferry storage-move db1 --disk vdx --to /fast
    refute_done 66 "db1 has no disk 'vdx': it has vda, vdb, vdc, vdd, sda" "virsh domblklist db1"
    run --separate-stderr vmferry storage-move db1 --disk vda --to nowhere
    refute_done 66 "no storage pool nowhere" ""
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
    run -0 vmferry audit
    refute_output --partial "storage-move"
}

@test "disks that cannot be moved are refused with 10 and a reason" {
    local words
    for words in "vdb shared with other VMs" "vdc read-only" "vdd not a file" "sda cdrom"; do
        run --separate-stderr vmferry storage-move db1 --disk "${words%% *}" --to /fast
        refute_done 10 "VMF-E202: disk ${words%% *} of db1 .*${words#* }" ""
        assert_regex "$stderr" "db1 was not touched|Nothing was touched"
    done
    run --separate-stderr vmferry storage-move bare1 --to /fast
    refute_done 10 "bare1 has no disk that can be moved" "domblklist"
}

@test "a pool that has no files is refused with 10" {
    run --separate-stderr vmferry storage-move db1 --disk vda --to san
    refute_done 10 "pool san is of type iscsi" ""
}

@test "of a VM that is off what files alone cannot do is refused with 10" {
    for words in "--format raw" --shallow --return-ticket; do
        run --separate-stderr vmferry storage-move off1 --disk vda --to /fast $words
        refute_done 10 "VMF-E223: off1 is shut off" "start it first"
    done
}

@test "a VM that is paused is refused with 10" {
    run --separate-stderr vmferry storage-move paused1 --disk vda --to /fast
    refute_done 10 "VMF-E201: paused1 is paused" ""
}

@test "disks that are there already: 0, changed is false" {
    run -0 --separate-stderr vmferry storage-move db1 --disk vda --to /images --json
    assert_schema result
    assert_equal "$(json changed)" false
    assert_equal "$(json outcome)" '"unchanged"'
    assert_equal "$(json tx)" null
    run -0 vmferry storage-move db1 --disk vda --to /images/
    assert_output --partial "are there already"
}

@test "a failure as JSON has the id, and the command" {
    run --separate-stderr vmferry storage-move db1 --disk vdb --to /fast --json
    assert_equal "$status" 10
    assert_schema result
    assert_equal "$(json command)" '"storage-move"'
    assert_equal "$(json error id)" '"VMF-E202"'
    assert_equal "$(json outcome)" '"refused"'
}

@test "--release goes alone (64), and without anything kept it is 66" {
    run --separate-stderr vmferry storage-move db1 --release --to /fast
    refute_done 64 "release moves nothing and goes alone" "storage-move db1 --release"
    run --separate-stderr vmferry storage-move db1 --release
    refute_done 66 "no storage-move of 'db1' has kept an image" "vmferry status"
    run --separate-stderr vmferry storage-move db1 --release --json
    assert_equal "$status" 66
    assert_schema result
}

@test "a chain is kept for the way back only with --shallow, and that takes qcow2 over a named file: 10" {
    local disks
    disks=$(disk vda "<source file='/images/over.qcow2'/>" \
        "<backingStore type='file'><format type='raw'/><source file='/images/base.raw'/></backingStore>")
    node kvm1 "$(vm chain1 6605 1 "$(tr -d '\n' <<<"$disks")")"
    run --separate-stderr vmferry storage-move chain1 --to /fast --keep-source
    refute_done 10 "VMF-E202: disk vda has a backing chain" "shallow"
    run --separate-stderr vmferry storage-move chain1 --to /fast --return-ticket
    refute_done 10 "VMF-E202: disk vda has a backing chain" "shallow"
    run --separate-stderr vmferry storage-move chain1 --to /fast --shallow --format raw
    refute_done 10 "cannot be moved without its backing image /images/base.raw" ""
}

@test "a return ticket and a format that is none of ours do not change each other's code" {
    run --separate-stderr vmferry storage-move db1 --disk vdc --to /fast --return-ticket
    refute_done 10 "VMF-E202: disk vdc" ""
}
