#!/usr/bin/env bats
# vmferry explain: every code that anybody can meet is explained.

load helper

root=$BATS_TEST_DIRNAME/../..

# Codes in the sources, without comments; and those that are made from exit codes.
used_codes() {
    grep -rhv '^ *//' "$root/core" "$root/cli" "$root/journal" --include='*.cpp' --include='*.hpp' |
        grep -v 'Code{' | grep -oE 'VMF-[A-Z][0-9]{3}'
    sed -n '/^enum class ExitCode/,/^};/s/.*= \([0-9]*\),$/\1/p' "$root/core/engine/outcome.hpp" |
        grep -vx -e 0 -e 2 | xargs printf 'VMF-E%03d\n'
}

@test "every code that the sources use is explained" {
    run -0 vmferry explain
    [[ $(used_codes | sort -u | wc -l) -gt 80 ]] || fail "the search for codes finds too little"
    for code in $(used_codes | sort -u); do
        assert_line --regexp "^$code  .+"
    done
}

@test "nothing is explained that no source uses" {
    used_codes >"$BATS_TEST_TMPDIR/used"
    # Made from the kind of an error (report.cpp).
    echo VMF-E002 >>"$BATS_TEST_TMPDIR/used"
    for code in $(vmferry explain | cut -d' ' -f1); do
        grep -qx "$code" "$BATS_TEST_TMPDIR/used" || fail "$code is explained, but nobody uses it"
    done
}

@test "an error: meaning, cause, and what to do" {
    run -0 vmferry explain VMF-E030
    assert_line --index 0 "VMF-E030: in doubt"
    assert_line --regexp "^  Cause: "
    assert_line --regexp "^  What to do: "
}

@test "a check; in any case of letters, with and without VMF-" {
    run -0 vmferry explain VMF-S014
    assert_line --index 0 --regexp "^VMF-S014: "
    text=$output
    for code in vmf-s014 s014 S014; do
        run -0 vmferry explain "$code"
        assert_output "$text"
    done
}

@test "an unknown code is 66 with a suggestion" {
    run --separate-stderr vmferry explain VMF-S999
    refute_done 66 "no code 'VMF-S999'; did you mean" "vmferry explain"
}

@test "JSON" {
    run -0 --separate-stderr vmferry explain --json
    assert_schema explain
    run -0 --separate-stderr vmferry explain e030 --json
    assert_schema explain
    assert_equal "$(json codes 0 kind)" '"error"'
}

@test "no line is wider than a terminal" {
    for code in $(vmferry explain | cut -d' ' -f1); do
        run -0 vmferry explain "$code"
        [[ -z $(tail -n +2 <<<"$output" | grep -E '.{81}') ]] || fail "$code: $output"
    done
}
