#!/usr/bin/env bats
# vmferry plan and migrate --plan, as far as a driver that cannot migrate lets them go: what is refused.

load helper

# A sealed plan of web1, kvm1 -> kvm2, as `vmferry plan -O` would write it; changed by python code on
# `move` and `file` before it is sealed.
sealed() { # sealed FILE [PYTHON]
    python3 - "$BATS_TEST_TMPDIR" "$1" "${2:-}" <<'EOF'
import hashlib, json, sys, time
directory, path, change = sys.argv[1:]
now = int(time.time() * 1000)
plan = {
    "transaction": "01939f3c-0000-7000-8000-000000000001", "epoch": 1, "command": "migrate",
    "vm_uuid": "0a8b7c6d-1111-4222-8333-444455556601", "vm_name": "web1", "source": "kvm1", "target": "kvm2",
    "source_uri": f"test://{directory}/kvm1.xml", "target_uri": f"test://{directory}/kvm2.xml", "migrate_uri": "",
    "tls": False, "tls_name": "", "probes": [], "switch_mode": "guarded", "peer_to_peer": False, "persistent": True, "was_paused": False,
    "autostart": False, "nvram": "", "max_downtime_ms": 0, "max_bandwidth_mib_s": 0,
    "limits": {"transaction_ms": 1800000, "no_progress_ms": 5000, "call_ms": 5000, "finish_ms": 15000,
               "settle_ms": 15000, "reconnect_ms": 120000},
    "schedule": {"profile": "gentle", "first_downtime_ms": 10, "max_downtime_ms": 300, "stall_ms": 300000,
                 "auto_converge": False, "connections": 0, "bandwidth_bytes_per_s": 0, "on_timeout": "rollback", "postcopy": "never"}}
move = {"plan": plan, "facts": {}, "steps": [], "accept": []}
file = {"schema": "vmferry.plan/1", "created": "", "created_at_ms": now, "expires": "",
        "expires_at_ms": now + 60000, "moves": [move]}
exec(change)
stamp = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"
file["created"], file["expires"] = stamp(file["created_at_ms"]), stamp(file["expires_at_ms"])
canonical = json.dumps(file, sort_keys=True, separators=(",", ":"))
file |= {"digest": hashlib.sha256(canonical.encode()).hexdigest(), "signature": None}
open(path, "w").write(json.dumps(file, sort_keys=True, separators=(",", ":")))
EOF
}

# Refused with 65 before anything is begun.
refute_plan() { # refute_plan WHAT; after run --separate-stderr
    refute_done 65 "$1" "vmferry plan|ls -l|vmferry status"
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
}

@test "a changed fact is named, with what it was and is" {
    sealed "$BATS_TEST_TMPDIR/plan" 'plan["autostart"] = True'
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "does not hold any more: autostart was true, is false"
}

@test "a plan for other end-points behind the same names is refused" {
    sealed "$BATS_TEST_TMPDIR/plan" 'plan["target_uri"] = "qemu+ssh://elsewhere/system"'
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "target_uri was"
}

@test "a plan that was changed is refused" {
    sealed "$BATS_TEST_TMPDIR/plan"
    sed -i 's/"was_paused":false/"was_paused":true/' "$BATS_TEST_TMPDIR/plan"
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "its digest does not fit"
}

@test "an expired plan is refused" {
    sealed "$BATS_TEST_TMPDIR/plan" 'file["expires_at_ms"] = now - 1'
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "has expired"
}

@test "what is no plan is refused" {
    echo hello >"$BATS_TEST_TMPDIR/plan"
    for file in plan absent; do
        run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/$file"
        refute_plan "plan file"
    done
}

@test "an unsigned plan is refused where the configuration wants a signature" {
    sealed "$BATS_TEST_TMPDIR/plan"
    printf '[plan]\nrequire_signature = true\n' >>"$VMFERRY_CONFIG"
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "is not signed"
}

@test "a plan in clear text is refused where the configuration wants TLS" {
    sealed "$BATS_TEST_TMPDIR/plan"
    sed -i 's/^\[defaults\]/&\nrequire_tls = true/' "$VMFERRY_CONFIG"
    run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan"
    refute_plan "require_tls"
}

@test "--plan stands alone" {
    sealed "$BATS_TEST_TMPDIR/plan"
    for words in "web1 kvm2" "--tls" "--p2p" "--timeout 5m" "-c kvm1" "--accept VMF-S014"; do
        run --separate-stderr vmferry migrate --plan "$BATS_TEST_TMPDIR/plan" $words
        refute_done 64 "--plan says it all" "--plan"
    done
    run --separate-stderr vmferry migrate web1
    refute_done 64 "VM DEST, or --plan FILE" "--help"
}

@test "what the prechecks refuse is no plan: 10, and no file is written" {
    run --separate-stderr vmferry plan web1 kvm2 -O "$BATS_TEST_TMPDIR/plan"
    assert_not_equal "$status" 0
    assert [ ! -e "$BATS_TEST_TMPDIR/plan" ]
    run --separate-stderr vmferry plan web1 kvm2 --json
    assert_equal "$(json schema)" '"vmferry.plan/1"'
    assert_equal "$(json moves)" '[]'
    assert_not_equal "$(json error)" null
}

@test "nothing to do is 0 with --detailed-exitcode too, and no move is planned" {
    run -0 --separate-stderr vmferry plan web1 kvm1 --detailed-exitcode --json
    assert_equal "$(json moves)" '[]'
    assert_regex "$(json unchanged)" "same host"
    run -0 vmferry migrate -n web1 kvm1
    assert_output --partial "same host"
}

@test "a dry run changes nothing and says what stands against it" {
    run --separate-stderr vmferry migrate -n web1 kvm2
    assert_not_equal "$status" 0
    assert_regex "$stderr" "Nothing was created on any host"
    run -0 vmferry status --json
    assert_equal "$(json transactions)" '[]'
}

@test "--sign without a file, and options that contradict each other, are 64" {
    run --separate-stderr vmferry plan web1 kvm2 --sign "$BATS_TEST_TMPDIR/key"
    refute_done 64 "--sign needs a file" "--help"
    run --separate-stderr vmferry plan web1 kvm2 --tls-destination kvm2.example.org
    refute_done 64 "nothing without --tls" "--help"
    run --separate-stderr vmferry migrate web1 kvm2 --print-diff
    refute_done 64 "belongs to a dry run" "-n"
}
