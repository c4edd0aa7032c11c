#!/usr/bin/env bats
# vmferry status

load helper

@test "without a journal there is nothing, and none is made" {
    run -0 vmferry status
    assert_output "No unfinished transactions, nothing owed."
    assert [ ! -e "$VMFERRY_JOURNAL" ]
}

@test "when all is settled it says how the last one ended" {
    vmferry migrate status kvm2 || true
    vmferry migrate web1 kvm2 || true
    run -0 vmferry status
    assert_line --index 0 "No unfinished transactions, nothing owed."
    assert_line --index 1 --regexp '^Last: migrate web1, kvm1 -> kvm2: rolled-back\.   Details: vmferry audit [0-9a-f-]{13}$'
    run -0 --separate-stderr vmferry status --json
    assert_schema status
}

@test "an unknown transaction or VM is 66" {
    vmferry migrate web1 kvm2 || true
    for word in 0193 web9 zz; do
        run --separate-stderr vmferry status "$word"
        refute_done 66 "neither a transaction nor a VM '$word'" "vmferry status"
    done
}

@test "a transaction by id, by the first digits of it, and by its VM" {
    vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry status web1 --json
    tx=$(json transactions 0 tx | tr -d '"')
    for word in "$tx" "${tx:0:13}"; do
        run -0 vmferry status "$word"
        assert_output --partial web1
    done
}

@test "JSON has all fields" {
    vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry status web1 --json
    assert_schema status
    assert_equal "$(json schema)" '"vmferry.status/1"'
    assert_equal "$(json transactions 0 state)" '"ended"'
    assert_equal "$(json transactions 0 outcome)" '"rolled-back"'
    assert_equal "$(json transactions 0 needs)" '"none"'
    assert_equal "$(json debts)" '[]'
    assert_regex "$(json transactions 0 since)" '^"[0-9-]{10}T[0-9:.]{12}Z"$'
}

@test "an unfinished transaction shows what it needs" {
    need_failpoints
    VMFERRY_FAILPOINTS=journal.BEGIN.after=crash-group run vmferry migrate web1 kvm2
    run -0 vmferry status
    assert_output --regexp 'web1 +kvm1->kvm2 +UNFINISHED .*vmferry rollback [0-9a-f-]{13}'
    run -0 --separate-stderr vmferry status --json
    assert_equal "$(json transactions 0 needs)" '"rollback"'
    assert_equal "$(json transactions 0 phase)" '"precheck"'
}

@test "a transaction under way needs nothing" {
    need_failpoints
    paused_migrate
    run -0 vmferry status
    assert_output --regexp 'web1 +kvm1->kvm2 +precheck +[0-9]+s +-'
    go
    reap
}
