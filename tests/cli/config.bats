#!/usr/bin/env bats
# The configuration: every mistake is 78 with its place.

load helper

config() { cat >"$VMFERRY_CONFIG"; }

@test "an unknown key is 78 with file, line, column and a suggestion" {
    printf 'schema = 1\n[defaults]\nconect = "kvm1"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 "$VMFERRY_CONFIG:3:1: unknown key 'conect' in .defaults.; did you mean 'connect'" "correct the line"
}

@test "an unknown table is 78 with a suggestion" {
    printf '[hots.kvm1]\nuri = "qemu:///system"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 "$VMFERRY_CONFIG:1:[0-9]*: unknown table 'hots'; did you mean 'host'" "correct"
}

@test "values of the wrong type are 78 with their place" {
    printf '[defaults]\ntimeout = 30\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":2:11: 'timeout' expects a text in quotes" "correct"
    printf '[defaults]\n  timeout = "soon"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":2:13: 'timeout' .*not a duration" "correct"
    printf '[precheck]\naccept = "VMF-S014"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":2:10: 'accept' expects a list" "correct"
    printf '[journal]\npath = "journal.db"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":2:8: 'path' expects an absolute path" "correct"
    printf 'host = "kvm1"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":1:8: .*write .host.NAME." "correct"
}

@test "a host without a URI is 78" {
    printf '[host.kvm1]\nmigrate_host = "10.0.0.1"\n' | config
    run --separate-stderr vmferry status
    refute_done 78 "host.kvm1. needs a key 'uri'" "correct"
}

@test "what is not TOML is 78 with its place" {
    printf 'schema = 1\n[host.kvm1\n' | config
    run --separate-stderr vmferry status
    refute_done 78 "$VMFERRY_CONFIG:2:" "correct"
}

@test "a newer schema is 78" {
    printf 'schema = 2\n' | config
    run --separate-stderr vmferry status
    refute_done 78 ":1:10: 'schema' is not one" "correct"
}

@test "a named configuration that is not there is 78; the usual ones may be missing" {
    run --separate-stderr vmferry --config /nonexistent.toml status
    refute_done 78 "/nonexistent.toml cannot be read" "ls -l"
    unset VMFERRY_CONFIG
    run -0 vmferry status
}

@test "the user's file is read when none is named" {
    unset VMFERRY_CONFIG
    mkdir -p "$XDG_CONFIG_HOME/vmferry"
    echo 'wrong = 1' >"$XDG_CONFIG_HOME/vmferry/vmferry.toml"
    run --separate-stderr vmferry status
    refute_done 78 "xdg/vmferry/vmferry.toml:1:1" "correct"
}

@test "journal: option, then VMFERRY_JOURNAL, then the configuration" {
    printf '[journal]\npath = "%s/from-config.db"\n' "$BATS_TEST_TMPDIR" | config
    for wanted in from-option from-variable from-config; do
        options=()
        [[ $wanted == from-option ]] && options=(--journal "$BATS_TEST_TMPDIR/from-option.db")
        [[ $wanted == from-config ]] && unset VMFERRY_JOURNAL || export VMFERRY_JOURNAL=$BATS_TEST_TMPDIR/from-variable.db
        run vmferry "${options[@]}" -c "test://$BATS_TEST_TMPDIR/kvm1.xml" migrate web1 "test://$BATS_TEST_TMPDIR/kvm2.xml"
        assert [ -e "$BATS_TEST_TMPDIR/$wanted.db" ]
    done
}

@test "config show --origin: default, file and line, environment, option" {
    unset VMFERRY_JOURNAL
    printf '[precheck]\naccept = ["VMF-S014"]\n' >>"$VMFERRY_CONFIG"
    run -0 vmferry config show --origin
    assert_line "defaults.connect = kvm1   # $VMFERRY_CONFIG:3"
    assert_line --regexp '^defaults.timeout = .*   # default$'
    assert_line --regexp "^journal.lock_dir = $BATS_TEST_TMPDIR/locks   # $VMFERRY_CONFIG:5$"
    assert_line --regexp "^precheck.accept = .*VMF-S014.*   # $VMFERRY_CONFIG:11$"
    assert_line --regexp "^host.kvm2.uri = test:///.*   # $VMFERRY_CONFIG:9$"
    LIBVIRT_DEFAULT_URI=test:///default VMFERRY_ACCEPT=VMF-C001 run -0 vmferry config show --origin
    assert_line "defaults.connect = test:///default   # environment LIBVIRT_DEFAULT_URI"
    assert_line "precheck.accept = VMF-C001   # environment VMFERRY_ACCEPT"
    VMFERRY_CONNECT=kvm2 run -0 vmferry config show --origin -c kvm1 --journal /j
    assert_line "defaults.connect = kvm1   # option --connect"
    assert_line "journal.path = /j   # option --journal"
}

@test "config show knows every key that the reader knows" {
    keys=$(grep -ohE '(text|path|duration|texts|parsed|count|flag)_key\("[a-z_]+"' "$BATS_TEST_DIRNAME"/../../cli/config_{reader,keys}.cpp |
        sed 's/.*"\(.*\)"/\1/' | grep -vx -e uri -e migrate_host)
    [[ $(wc -l <<<"$keys") -ge 8 ]] || fail "the search for keys finds too little: $keys"
    run -0 vmferry config show
    for key in $keys; do
        assert_line --regexp "^[a-z]+\.$key = "
    done
}

@test "config show as JSON, without secrets" {
    printf '[host.k3]\nuri = "qemu+tcp://me:hunter2@k3/system"\n' >>"$VMFERRY_CONFIG"
    run -0 --separate-stderr vmferry config show --json
    assert_schema config
    refute_output --partial hunter2
}

@test "config check" {
    run -0 vmferry config check
    assert_output "No mistake in $VMFERRY_CONFIG."
    echo 'tiemout = "3m"' >>"$VMFERRY_CONFIG"
    run --separate-stderr vmferry config check
    refute_done 78 "tiemout" ""
    run --separate-stderr vmferry config chek
    refute_done 78 "" ""
}

@test "an unknown act of config is 64" {
    run --separate-stderr vmferry config chek
    refute_done 64 "'chek' is not one of show, check; did you mean 'check'" ""
}
