#!/usr/bin/env bats
# Help, version, and words that nobody understands.

load helper

@test "vmferry alone says in a few lines what it can do" {
    run -0 vmferry
    assert_line --index 0 --partial "vmferry precheck web1 kvm2"
    assert [ ${#lines[@]} -le 12 ]
}

@test "--version needs no journal, no configuration and no libvirt" {
    VMFERRY_CONFIG=/nonexistent VMFERRY_JOURNAL=/proc/none run -0 vmferry --version
    assert_output --regexp '^vmferry [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "libraries are loaded only when they are used" {
    run -0 env LD_DEBUG=files "$VMFERRY" --version
    for library in libcrypto libssl libvirt libxml2 libsystemd; do
        refute_output --partial "$library"
    done
    # The journal's digests need libcrypto.
    run -0 env LD_DEBUG=files "$VMFERRY" status
    assert_output --partial libcrypto.so
    for library in libssl libvirt libxml2 libsystemd; do
        refute_output --partial "$library"
    done
    run env LD_DEBUG=files "$VMFERRY" migrate web1 kvm2
    assert_output --partial libvirt.so
}

@test "--help begins with examples, before and after the command" {
    run -0 vmferry --help
    assert_line --index 0 --partial "vmferry precheck"
    run -0 vmferry migrate --help
    assert_line --index 0 --partial "vmferry migrate web1 kvm2"
    assert_output --partial "usage: vmferry migrate VM DEST"
    run -0 vmferry help migrate
    assert_line --index 0 --partial "vmferry migrate web1 kvm2"
}

@test "help fits a terminal of 80 columns, names in one column and texts in another" {
    for words in --help "precheck --help" "plan --help" "migrate --help" "announce --help" "rollback --help" \
        "status --help" "audit --help" "explain --help" "config --help" "completion --help"; do
        run -0 vmferry $words
        long=$(awk 'length > 80 && !/^usage:/ && !/^  vmferry /' <<<"$output")
        assert_equal "$long" ""
        refute_output --partial "INT in"
        odd=$(sed -n '/options/,$p' <<<"$output" | awk '/^  [^ ].*[^ ]  +[^ ]/ && substr($0, 25, 2) !~ /^ [^ ]/')
        assert_equal "$odd" ""
    done
}

@test "help works with a broken configuration" {
    echo 'broken' >"$VMFERRY_CONFIG"
    run -0 vmferry rollback --help
}

@test "an unknown command is 64 with a suggestion" {
    run --separate-stderr vmferry migrat web1 kvm2
    refute_done 64 "unknown command 'migrat'; did you mean 'migrate'" "vmferry --help"
}

@test "an unknown option is 64 with a suggestion, also before other mistakes" {
    run --separate-stderr vmferry migrate --tiemout 5m web1
    refute_done 64 "unknown option '--tiemout'; did you mean '--timeout'" "vmferry migrate --help"
}

@test "options that are not built yet do not exist" {
    for option in --force --unsafe; do
        run --separate-stderr vmferry migrate web1 kvm2 "$option"
        refute_done 64 "unknown option" "--help"
    done
}

@test "bad values of the tuning options are 64 and say what is accepted" {
    local -A wrong=(["--profile=nihgt"]="there is no profile 'nihgt', only fast, gentle, strict"
        ["--max-downtime=0ms"]="between 1ms and 2000s" ["--max-downtime=300"]="not a duration"
        ["--bwlimit=100"]="rate" ["--bwlimit=1Mbit"]="whole MiB/s" ["--parallel=0"]="parallel"
        ["--parallel=256"]="parallel" ["--stall-timeout=soon"]="not a duration"
        ["--on-timeout=pray"]="not one of rollback, suspend, postcopy"
        ["--switch=nativ"]="not one of guarded, fence, wait, native")
    for option in "${!wrong[@]}"; do
        run --separate-stderr vmferry migrate web1 kvm2 "$option"
        refute_done 64 "${wrong[$option]}" ""
    done
}

@test "what the source's daemon drives cannot be guarded: 64" {
    run --separate-stderr vmferry migrate web1 kvm2 --p2p --switch guarded
    refute_done 64 "--p2p cannot be guarded" ""
}

@test "post-copy needs the guarded switch and one stream: 64" {
    local how
    for how in "--postcopy --p2p" "--postcopy --switch wait" "--postcopy --switch fence" "--postcopy --switch native" \
        "--on-timeout postcopy --p2p"; do
        # shellcheck disable=SC2086
        run --separate-stderr vmferry migrate web1 kvm2 $how
        refute_done 64 "post-copy needs the guarded switch" "leave out"
    done
    run --separate-stderr vmferry migrate web1 kvm2 --postcopy --parallel 2
    refute_done 64 "no post-copy over parallel connections" "leave out --parallel"
}

@test "too many and too few words are 64" {
    run --separate-stderr vmferry migrate web1 kvm2 kvm3
    refute_done 64 "unexpected argument 'kvm3'" "vmferry migrate --help"
    run --separate-stderr vmferry migrate web1
    refute_done 64 "say what to move and where to: VM DEST" "vmferry migrate --help"
    run --separate-stderr vmferry precheck kvm2
    refute_done 64 "" "vmferry precheck --help"
}

@test "an option that is given twice is 64" {
    run --separate-stderr vmferry migrate web1 kvm2 --timeout 5m --timeout 6m
    refute_done 64 "timeout" "--help"
}

@test "values of the wrong kind are 64" {
    run --separate-stderr vmferry migrate web1 kvm2 --timeout 5
    refute_done 64 "not a duration" "--help"
    run --separate-stderr vmferry -o jsn status
    refute_done 64 "'jsn' is not one of text, json; did you mean 'json'" "--help"
    run --separate-stderr vmferry announce web1 --count 0
    refute_done 64 "count" "--help"
}

@test "colour only where it is asked for" {
    run --separate-stderr vmferry --color always status nothing
    assert_regex "$stderr" $'\033\\[31merror'
    run --separate-stderr vmferry status nothing
    refute_regex "$stderr" $'\033'
    CLICOLOR_FORCE=1 NO_COLOR=1 run --separate-stderr vmferry status nothing
    refute_regex "$stderr" $'\033'
}
