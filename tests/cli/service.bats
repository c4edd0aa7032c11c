#!/usr/bin/env bats
# What systemd hears: entries of journald with their fields, lines with levels, the status of a service.
#
# journald is played by a datagram socket at the place of the real one, in a mount namespace of its own; libsystemd
# speaks its native protocol to it.

load helper

need_namespace() { unshare -rm true 2>/dev/null || skip "no mount namespaces"; }

# with_journald FILE WORDS...: runs them with a journald that writes what it gets into FILE, a JSON object a line.
with_journald() {
    unshare -rm "$BATS_TEST_DIRNAME/journald.py" "$@"
}

# field FILE NAME: of each entry that has it, in order.
field() { jq -r --arg name "$2" '.[$name] // empty' "$1"; }

@test "a move is told to journald with all its fields" {
    need_namespace
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr with_journald entries "$VMFERRY" migrate web1 kvm2
    assert_equal "$status" 20
    tx=$("$VMFERRY" audit --json | jq -r '.transactions[0].tx')
    assert_equal "$(field entries VMFERRY_TX | sort -u)" "$tx"
    assert_equal "$(field entries VMFERRY_VM | sort -u)" web1
    assert_equal "$(field entries VMFERRY_VM_UUID | sort -u)" 0a8b7c6d-1111-4222-8333-444455556601
    assert_equal "$(field entries VMFERRY_SOURCE | sort -u) $(field entries VMFERRY_TARGET | sort -u)" "kvm1 kvm2"
    assert_equal "$(field entries SYSLOG_IDENTIFIER | sort -u)" vmferry
    assert_regex "$(field entries VMFERRY_PHASE | sort -u)" precheck
    # It begins, says what failed, and says how it ended.
    assert_equal "$(head -n 1 entries | jq -r .MESSAGE_ID)" 3f343767c9bd46f5aed50bd1e900b788
    failed=$(jq -c 'select(.MESSAGE_ID == "2fc2aceb61a2406c8011700ffc94260b")' entries)
    assert_regex "$(jq -r .VMFERRY_CODE <<<"$failed") $(jq -r .VMFERRY_PHASE <<<"$failed")" "^VMF-[A-Z][0-9]+ precheck$"
    last=$(jq -c 'select(.MESSAGE_ID == "09bf9c93881c4f4eb7dc6fb962ea1816")' entries)
    assert_equal "$(jq -r .PRIORITY <<<"$last")" 3
    assert_regex "$(jq -r .MESSAGE <<<"$last")" "web1 is RUNNING on kvm1, as before"
    assert_regex "$(jq -r .VMFERRY_CODE <<<"$last")" "^VMF-E"
}

@test "each MESSAGE_ID is in the catalog, and systemd can read it" {
    catalog=$BATS_TEST_DIRNAME/../../cli/vmferry.catalog
    ids=$(grep -o '"[0-9a-f]\{32\}"' "$BATS_TEST_DIRNAME/../../cli/journald_event.cpp" | tr -d '"' | sort)
    assert_equal "$(sed -n 's/^-- \([0-9a-f]*\)$/\1/p' "$catalog" | sort)" "$ids"
    command -v journalctl >/dev/null || skip "no journalctl"
    root=$BATS_TEST_TMPDIR/root
    mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
    cp "$catalog" "$root/usr/lib/systemd/catalog/"
    journalctl --root="$root" --update-catalog
    run -0 journalctl --root="$root" --list-catalog
    assert_equal "$(cut -d' ' -f1 <<<"$output" | sort)" "$ids"
}

@test "a recovery speaks of the transaction that it settles" {
    need_namespace
    cd "$BATS_TEST_TMPDIR"
    VMFERRY_FAILPOINTS=journal.END.before=crash-group run vmferry migrate web1 kvm2
    run --separate-stderr with_journald entries "$VMFERRY" rollback --all-incomplete
    assert_equal "$status" 0
    assert_equal "$(head -n 1 entries | jq -r .MESSAGE_ID)" 94281788e4cf434e8d50a4d834919da9
    assert_equal "$(field entries VMFERRY_VM | sort -u)" web1
    assert_equal "$(tail -n 1 entries | jq -r .MESSAGE_ID)" b7bd3ea52b6248b5b62eb16d68e431a1
}

@test "a journald that takes nothing does not hold up the end" {
    need_namespace
    cd "$BATS_TEST_TMPDIR"
    run with_journald --deaf entries timeout 20 "$VMFERRY" -vv migrate web1 kvm2
    assert_equal "$status" 20
}

@test "stderr that is journald's has levels and no clock; with entries it has no lines twice" {
    need_namespace
    cd "$BATS_TEST_TMPDIR"
    touch err
    stream=$(stat -c %d:%i err)
    JOURNAL_STREAM=$stream run timeout 60 bash -c '"$0" -v migrate web1 kvm2 2>>err' "$VMFERRY"
    assert_equal "$status" 20
    run grep -v '^<[3467]>' err
    assert_output ""
    run -0 grep '^<6>\[tx ' err
    run -0 grep '^<3>error VMF-' err
    : >err
    JOURNAL_STREAM=$stream run with_journald entries bash -c '"$0" -v migrate web1 kvm2 2>>err' "$VMFERRY"
    run grep -c '^<6>\[tx ' err
    assert_output 0
    run -0 grep '^<3>error VMF-' err
    # Another file than the one that JOURNAL_STREAM names is for people.
    JOURNAL_STREAM=$stream run vmferry migrate web1 kvm2
    refute_output --partial "<6>"
}

@test "a service manager is told the status, and that more time is needed" {
    cd "$BATS_TEST_TMPDIR"
    "$BATS_TEST_DIRNAME/journald.py" --notify states "$VMFERRY" migrate web1 kvm2 || true
    run -0 grep -x 'STATUS=web1: kvm1 -> kvm2, transaction [0-9a-f-]*' states
    run -0 grep -x 'STATUS=web1: precheck' states
    run -0 grep -x 'EXTEND_TIMEOUT_USEC=[0-9]*' states
}

@test "libsystemd is not loaded where nobody listens" {
    run -0 env -u NOTIFY_SOCKET LD_DEBUG=files "$VMFERRY" --version
    refute_output --partial libsystemd
    [[ -S /run/systemd/journal/socket ]] && skip "journald runs here"
    run env -u NOTIFY_SOCKET LD_DEBUG=files "$VMFERRY" migrate web1 kvm2
    refute_output --partial libsystemd
}

@test "the unit that called is in the audit" {
    INVOCATION_ID=0123456789abcdef0123456789abcdef SUDO_USER=alice vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry audit --json
    assert_schema audit
    assert_equal "$(json transactions 0 actor invocation)" '"0123456789abcdef0123456789abcdef"'
    assert_equal "$(json transactions 0 actor sudo_user)" '"alice"'
}
