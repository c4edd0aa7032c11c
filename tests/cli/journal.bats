#!/usr/bin/env bats
# A journal that cannot be written: 74, and nothing is touched.

load helper

@test "a journal in a place that cannot be written is 74" {
    for path in /proc/vmferry/journal.db "$VMFERRY_CONFIG/journal.db" "$BATS_TEST_TMPDIR"; do
        run --separate-stderr vmferry --journal "$path" migrate web1 kvm2
        refute_done 74 "" ""
    done
}

@test "a file that is not a journal is 74 and stays as it is" {
    printf 'precious\n' >"$VMFERRY_JOURNAL"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 74 "" ""
    assert_equal "$(cat "$VMFERRY_JOURNAL")" precious
    run --separate-stderr vmferry status
    refute_done 74 "" ""
}

@test "a tmpfs is refused unless it is asked for" {
    [[ -d /dev/shm && $(stat -f -c %T /dev/shm) == tmpfs ]] || skip "no tmpfs at /dev/shm"
    unset VMFERRY_JOURNAL_VOLATILE
    run --separate-stderr vmferry --journal "/dev/shm/vmferry-bats-$$/journal.db" migrate web1 kvm2
    rm -rf "/dev/shm/vmferry-bats-$$"
    refute_done 74 "" ""
}

@test "the journal comes before the hosts: 74 wins over 69" {
    run vmferry --journal /proc/vmferry/journal.db migrate web1 qemu+tcp://127.0.0.1:1/system
    assert_equal "$status" 74
}
