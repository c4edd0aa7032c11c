#!/usr/bin/env bats
# vmferry precheck. What its findings look like is in tests/unit/cli; which there are, in tests/lab.

load helper

@test "an unknown VM is 66, an unknown host 68, a malformed URI 64" {
    run --separate-stderr vmferry precheck web9 kvm2
    refute_done 66 "no VM 'web9'" "virsh"
    run --separate-stderr vmferry precheck web1 kvm9
    refute_done 68 "unknown host" "host.kvm9"
    run --separate-stderr vmferry precheck web1 'qemu+ssh//x'
    refute_done 64 "neither" "write it like"
}

@test "a list is one word with commas, or the option again; what follows it is not part of it" {
    run -0 vmferry precheck web1 kvm1 --accept VMF-S001,VMF-S002
    run -0 vmferry precheck --accept VMF-S001 --accept VMF-S002 web1 kvm1
    assert_output --partial "same host"
}

@test "the same host: 0" {
    run -0 vmferry precheck web1 kvm1
    assert_output --partial "same host"
}

@test "several VMs: each is looked at, the worst code counts" {
    run --separate-stderr vmferry precheck web1 web9 kvm1
    assert_equal "$status" 66
    assert_output --partial "web1 is on kvm1"
}

@test "JSON has its own schema, one document for each VM" {
    run --separate-stderr vmferry precheck web1 status kvm1 --json
    assert_schema precheck
    assert_equal "$status" 0
    assert_equal ${#lines[@]} 2
    output=${lines[1]}
    assert_equal "$(json schema)" '"vmferry.precheck/1"'
    assert_equal "$(json vm name)" '"status"'
    assert_equal "$(json verdict)" '"ok"'
    run --separate-stderr vmferry precheck web1 kvm9 --json
    assert_schema precheck
    assert_equal "$(json schema)" '"vmferry.precheck/1"'
    assert_equal "$(json error id)" '"VMF-E068"'
}

@test "a precheck leaves no unfinished transaction and no lock" {
    run vmferry precheck web1 kvm2
    run -0 vmferry status
    assert_output --partial "No unfinished transactions"
    run -0 vmferry migrate web1 kvm1
}

@test "--deep is an option, and a key of the configuration, of precheck alone" {
    run -0 vmferry precheck web1 kvm1 --deep
    printf '[precheck]\ndeep = true\n[plugins]\ndir = "/opt/plugins"\ntimeout = "5m"\nkvm = true\n' >>"$VMFERRY_CONFIG"
    run -0 vmferry precheck web1 kvm1
    run -0 vmferry config show --origin
    assert_line --regexp '^precheck.deep +.*true.*toml:'
    assert_line --regexp '^plugins.dir +.*/opt/plugins.*toml:'
    run --separate-stderr vmferry migrate web1 kvm1 --deep
    refute_done 64 "deep" ""
    echo 'kvm = "maybe"' >>"$VMFERRY_CONFIG"
    run --separate-stderr vmferry config check
    assert_equal "$status" 78
}

@test "the plugins that belong to vmferry are beside it, in the build tree as when installed" {
    run -0 vmferry config show
    dir=$(sed -n 's/^plugins.dir *= *//p' <<<"$output" | tr -d '"')
    assert_equal "${dir##*/vmferry/}" plugins
}

@test "each finding about the contents of disks is explained" {
    for id in VMF-S050 VMF-S051 VMF-S052 VMF-S053; do
        run -0 vmferry explain "$id"
        assert_output --partial "$id: "
        grep -q "^\*$id\*" "$BATS_TEST_DIRNAME/../../man/vmferry.1.scd" || fail "$id is not in the manual page"
    done
}
