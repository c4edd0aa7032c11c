#!/usr/bin/env bats
# Hooks: asked before a move, told after it. The test driver cannot migrate, so `reserve` and `done` are
# tested in tests/lab and tests/unit.

load helper

setup() {
    setup_of_helper
    dir=$BATS_TEST_TMPDIR/hooks.d log=$BATS_TEST_TMPDIR/calls
    mkdir "$dir"
    printf '[hooks]\ndir = "%s"\ntimeout = "1s"\n' "$dir" >>"$VMFERRY_CONFIG"
}

hook() { # hook NAME BODY: writes what it was called with, then BODY
    printf '#!/bin/bash\necho "%s $*" >>%s\n%s\n' "$1" "$log" "$2" >"$dir/$1"
    chmod 755 "$dir/$1"
}

@test "hooks are called in order before, and in reverse order after a rollback" {
    hook 20-second ""
    hook 10-first "cat >$BATS_TEST_TMPDIR/stdin-\$1"
    run vmferry migrate web1 kvm2
    assert_equal "$status" 20
    uuid=0a8b7c6d-1111-4222-8333-444455556601
    run cat "$log"
    assert_output "10-first precheck web1 $uuid
20-second precheck web1 $uuid
20-second rollback web1 $uuid
10-first rollback web1 $uuid"
    assert_schema hook - <"$BATS_TEST_TMPDIR/stdin-precheck"
    assert_schema hook - <"$BATS_TEST_TMPDIR/stdin-rollback"
    assert_equal "$(jq -r .outcome "$BATS_TEST_TMPDIR/stdin-rollback")" rolled-back
}

@test "each run is in the journal, with the digest of the hook" {
    hook 10-first ""
    vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry audit --json
    jq -c '.transactions[0].entries[] | select(.object // "" | startswith("hook:"))' <<<"$output" >"$BATS_TEST_TMPDIR/notes"
    assert_equal "$(jq -r .object "$BATS_TEST_TMPDIR/notes" | tr '\n' ' ')" "hook:precheck:10-first hook:rollback:10-first "
    assert_equal "$(head -n 1 "$BATS_TEST_TMPDIR/notes" | jq -r .body.sha256)" "$(sha256sum "$dir/10-first" | cut -d' ' -f1)"
}

@test "a hook that refuses: 10, later hooks are not asked, nothing is begun at the hosts" {
    hook 10-first ""
    hook 20-no "echo the office is open >&2; exit 3"
    hook 30-third ""
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 10 "VMF-E180: the hook 20-no refused precheck: it ended with exit code 3" ""
    assert_regex "$stderr" "cause: the office is open"
    refute_regex "$(cat "$log")" "30-third"
    refute_regex "$(cat "$log")" "20-no rollback"
    assert_regex "$(cat "$log")" "10-first rollback"
}

@test "not now is 75" {
    hook 10-later "exit 75"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 75 "10-later" ""
    run vmferry status web1 --wait
    assert_equal "$status" 75
}

@test "a hook that takes too long is ended, with all that it started" {
    hook 10-slow "trap '' TERM; sleep 600 & echo \$! >$BATS_TEST_TMPDIR/child; wait; sleep 600"
    SECONDS=0
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 10 "was ended after" ""
    assert [ "$SECONDS" -lt 20 ]
    # It may wait for init to reap it.
    run grep -s '^State:' "/proc/$(cat "$BATS_TEST_TMPDIR/child")/status"
    [[ -z $output || $output == *zombie* ]] || fail "it lives: $output"
}

@test "a hook that others may change is 78, before anything is opened" {
    hook 10-first ""
    chmod 775 "$dir/10-first"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 78 "10-first may be changed by others" "chmod 0755"
    chmod 755 "$dir/10-first"
    chmod 777 "$dir"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 78 "may be changed by others" ""
    assert [ ! -e "$log" ]
}

@test "a configured directory must exist" {
    rmdir "$dir"
    run --separate-stderr vmferry migrate web1 kvm2
    refute_done 78 "hook directory .* cannot be read" ""
}

@test "what is not called NN-NAME, or not executable, is no hook" {
    hook 10-first ""
    chmod 644 "$dir/10-first"
    hook 10-first.dpkg-old ""
    hook backup ""
    vmferry migrate web1 kvm2 || true
    assert [ ! -e "$log" ]
}

@test "hooks get no descriptor and no variable of ours" {
    hook 10-look "ls -l /proc/self/fd >$BATS_TEST_TMPDIR/fds; env >$BATS_TEST_TMPDIR/env"
    vmferry migrate web1 kvm2 || true
    run cat "$BATS_TEST_TMPDIR/env"
    refute_output --partial VMFERRY
    run cat "$BATS_TEST_TMPDIR/fds"
    refute_output --partial journal
    refute_output --partial socket
}

@test "Ctrl-C ends a hook, and the move" {
    hook 10-slow "sleep 30"
    sed -i 's/timeout = "1s"/timeout = "60s"/' "$VMFERRY_CONFIG"
    "$VMFERRY" migrate web1 kvm2 >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    guardian=$!
    wait_for_file "$log"
    SECONDS=0
    kill -INT "$guardian"
    reap
    assert_equal "$status" 130
    assert [ "$SECONDS" -lt 15 ]
}

@test "a killed worker: recovery tells those that were called" {
    need_failpoints
    rm -f "$log"
    hook 10-first ""
    VMFERRY_FAILPOINTS=journal.NOTE.after=crash run vmferry migrate web1 kvm2
    run cat "$log"
    assert_line --index 0 --partial "10-first precheck"
    assert_line --index 1 --partial "10-first rollback"
}
