#!/usr/bin/env bats
# vmferry audit: who did what, and does the journal still say what was written?

load helper

# As somebody with the right to write would do it: triggers are dropped first.
tamper() {
    local drop
    drop=$(sqlite3 "$VMFERRY_JOURNAL" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'")
    sqlite3 "$VMFERRY_JOURNAL" "$drop $1"
}
need_sqlite() { command -v sqlite3 >/dev/null || skip "no sqlite3"; }

@test "each transaction with its time, its end, and who began it" {
    SUDO_USER=alice vmferry migrate web1 kvm2 || true
    run -0 vmferry audit
    assert_line --regexp "^20[0-9-]{8}T.*  [0-9a-f-]{13}  migrate web1: kvm1 -> kvm2  rolled-back  by alice as uid $(id -u).* pid [0-9]+$"
}

@test "one transaction with each of its entries" {
    vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry audit --json
    tx=$(json transactions 0 tx | tr -d '"')
    run -0 vmferry audit "${tx:0:13}"
    assert_line --regexp '^ +1  20.*Z  BEGIN$'
    assert_line --regexp '^ +[0-9]+  20.*Z  END rolled-back'
}

@test "JSON: actor, entries and their hashes" {
    SUDO_USER=alice vmferry migrate web1 kvm2 || true
    run -0 --separate-stderr vmferry audit --json
    assert_schema audit
    assert_equal "$(json transactions 0 actor uid)" "$(id -u)"
    assert_equal "$(json transactions 0 actor sudo_user)" '"alice"'
    assert_equal "$(json transactions 0 entries 0 kind)" '"BEGIN"'
    assert_equal "$(json transactions 0 entries 1 previous_hash)" "$(json transactions 0 entries 0 hash)"
}

@test "--vm and --since select" {
    vmferry migrate web1 kvm2 || true
    vmferry migrate status kvm2 || true
    run -0 vmferry audit --vm status
    assert_equal "${#lines[@]}" 1
    assert_line --partial "migrate status:"
    run -0 vmferry audit --since 1h
    assert_equal "${#lines[@]}" 2
    run -0 vmferry audit --since 2100-01-01
    assert_output "The journal has no such transaction."
    run --separate-stderr vmferry audit --since yesterday
    refute_done 64 "'yesterday' is not a time" "24h"
}

@test "an unknown transaction is 66" {
    run --separate-stderr vmferry audit 0193ffff
    refute_done 66 "no transaction '0193ffff'" "vmferry status"
}

@test "what does not go together is 64" {
    for words in "--verify --vm web1" "--verify --export x" "--sign key" "0193ffff --since 1h" "--export x --since 1h"; do
        run --separate-stderr vmferry audit $words
        refute_done 64 "" ""
    done
}

@test "--verify: an untouched chain holds" {
    vmferry migrate web1 kvm2 || true
    run -0 vmferry audit --verify
    assert_output --regexp '^The chain holds: [0-9]+ entries, the last is [0-9a-f]{64}\.$'
    run -0 --separate-stderr vmferry audit --verify --json
    assert_schema verify
    assert_equal "$(json holds)" true
}

@test "--verify names a changed row, 74" {
    need_sqlite
    vmferry migrate web1 kvm2 || true
    tamper "UPDATE entries SET actor = replace(actor, '\"uid\":', '\"uid\":9') WHERE sequence = 2"
    run --separate-stderr vmferry audit --verify
    refute_done 74 "not what was written: entry 2 " "vmferry explain VMF-E181"
    assert_output --regexp '^entry 2 \(.*was changed: its hash does not match its content$'
}

@test "--verify names a removed row, 74" {
    need_sqlite
    vmferry migrate web1 kvm2 || true
    tamper "DELETE FROM entries WHERE sequence = 2"
    run --separate-stderr vmferry audit --verify --json
    refute_done 74 "" ""
    assert_schema verify
    assert_equal "$(json holds)" false
    assert_output --partial "entry 2 is missing"
}

@test "--verify names swapped rows, 74" {
    need_sqlite
    vmferry migrate web1 kvm2 || true
    tamper "UPDATE entries SET sequence = -1 WHERE sequence = 2; UPDATE entries SET sequence = 2 WHERE sequence = 3; UPDATE entries SET sequence = 3 WHERE sequence = -1"
    run --separate-stderr vmferry audit --verify
    refute_done 74 "" ""
    assert_output --regexp 'entry 2 .*is out of its place: it was written as entry 3'
    assert_output --regexp 'entry 3 .*is out of its place: it was written as entry 2'
}

@test "a broken journal is neither shown nor exported, but can be verified" {
    need_sqlite
    vmferry migrate web1 kvm2 || true
    tamper "DELETE FROM entries WHERE sequence = 2"
    run --separate-stderr vmferry audit
    refute_done 74 "" ""
    run --separate-stderr vmferry audit --export "$BATS_TEST_TMPDIR/out"
    refute_done 74 "" "vmferry audit --verify"
    assert [ ! -e "$BATS_TEST_TMPDIR/out" ]
}

@test "an export is whole, signed, and openssl alone can verify it" {
    cd "$BATS_TEST_TMPDIR"
    vmferry migrate web1 kvm2 || true
    vmferry migrate status kvm2 || true
    (umask 077 && openssl genpkey -algorithm ed25519 -out key && openssl pkey -in key -pubout -out key.pub)
    run -0 --separate-stderr vmferry audit --export journal.ndjson --sign key --json
    assert_schema audit-export
    assert_schema audit-export - <journal.ndjson
    assert_equal "$(head -n 1 journal.ndjson | jq -r .entries)" "$(grep -c '"type":"entry"' journal.ndjson)"
    assert_equal "$(grep -c '"type":"transaction"' journal.ndjson)" 2
    assert_equal "$(tail -n 1 journal.ndjson | jq -r .entry.hash)" "$(head -n 1 journal.ndjson | jq -r .head_hash)"
    base64 -d journal.ndjson.sig >raw
    run -0 openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in journal.ndjson -sigfile raw
    sed -i 's/web1/web2/' journal.ndjson
    run -1 openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in journal.ndjson -sigfile raw
}

@test "an export never replaces a file, and needs a key that is kept private" {
    cd "$BATS_TEST_TMPDIR"
    vmferry migrate web1 kvm2 || true
    echo precious >there
    run --separate-stderr vmferry audit --export there
    refute_done 1 "there cannot be written" ""
    assert_equal "$(cat there)" precious
    openssl genpkey -algorithm ed25519 -out key && chmod 0644 key
    run --separate-stderr vmferry audit --export new --sign key
    refute_done 78 "can be read or changed by others" "chmod 0600"
    run --separate-stderr vmferry audit --export new --sign none
    refute_done 78 "cannot be read" ""
    assert [ ! -e new ]
    assert [ ! -e new.sig ]
}

@test "no secret is in journal, log, events or output" {
    password=correct-horse-battery
    node kvm1 "$(domain web1 6601 | sed "s|</os>|</os><devices><graphics type='vnc' port='-1' passwd='$password'/></devices>|")"
    cat >>"$VMFERRY_CONFIG" <<EOF
[host.secret]
uri = "test://alice:$password@localhost$BATS_TEST_TMPDIR/kvm1.xml?password=$password"
EOF
    cd "$BATS_TEST_TMPDIR"
    mkdir seen
    for source in secret kvm1 "qemu+tcp://alice:$password@127.0.0.1:1/system?token=$password"; do
        vmferry -vv migrate -c "$source" web1 kvm2 --log-file seen/log --events seen/events --json >>seen/out 2>>seen/err || true
        vmferry -vv precheck -c kvm2 web1 "$source" --log-file seen/log --events seen/events >>seen/out 2>>seen/err || true
        vmferry -c "$source" config show --origin >>seen/out 2>>seen/err || true
    done
    vmferry audit --json >>seen/out 2>>seen/err
    vmferry status web1 --json >>seen/out 2>>seen/err || true
    vmferry audit --export seen/export
    cp "$VMFERRY_JOURNAL" seen/journal
    assert [ -s seen/log ] && assert [ -s seen/events ]
    run -0 grep -l "rolled-back" seen/journal
    run grep -rl "$password" seen
    refute_output
    # The journal's rows are there to be found: without that the search proves nothing.
    run -0 grep -c "kvm1.xml" seen/journal
}
