#!/usr/bin/env bats
# The manual page and the completion know every command and option that the program knows.

load helper

root=$BATS_TEST_DIRNAME/../..

commands() { "$VMFERRY" --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'; }
options() { "$VMFERRY" "$1" --help | sed -n 's/^  \(-[^ ,]*\)\(, \(--[^ ]*\)\)\?.*/\1 \3/p' | tr -s ' ' '\n'; }

@test "every command and option is in the manual page" {
    for command in $(commands); do
        grep -q "^\*$command\*" "$root/man/vmferry.1.scd" || fail "$command is not in the manual page"
        for option in $(options "$command"); do
            case $option in -h | --help | --version | --quiet | --verbose) continue ;; esac
            grep -qF -- "*$option*" "$root/man/vmferry.1.scd" || fail "$command $option is not in the manual page"
        done
    done
}

# complete WORD...: what bash offers for the last of the words, in $offered.
complete_words() {
    COMP_WORDS=("$VMFERRY" "$@") COMP_CWORD=$#
    _vmferry || true # compgen's word for "no match"
    offered=" ${COMPREPLY[*]} "
}

@test "bash: every command and option is offered, and nothing that does not exist" {
    source <(vmferry completion bash)
    complete_words ""
    for command in $(commands) help; do
        assert_regex "$offered" " $command "
    done
    for command in $(commands); do
        complete_words "$command" -
        assert_equal "$(tr ' ' '\n' <<<"$offered" | sed '/^$/d' | sort -u)" "$(options "$command" | sort -u)"
    done
}

@test "bash: names of hosts, VMs, transactions, codes, and choices" {
    vmferry migrate web1 kvm2 || true
    source <(vmferry completion bash)
    # A busy machine may not answer within the budget of a completion.
    for ((i = 0; i < 10; i++)); do
        complete_words migrate ""
        [[ $offered == "  " ]] || break
    done
    assert_equal "$offered" " status web1 db1 "
    complete_words migrate -c kvm2 ""
    assert_equal "$offered" "  "
    complete_words migrate web1 k
    assert_equal "$offered" " kvm1 kvm2 "
    complete_words --json migrate --accept VMF-S001 web1 k
    assert_equal "$offered" " kvm1 kvm2 "
    complete_words migrate web1 kvm2 -c ""
    assert_equal "$offered" " kvm1 kvm2 "
    complete_words status ""
    assert_equal "$offered" " $(vmferry audit | sed 's/.*  \([0-9a-f-]\{13\}\)  .*/\1/') "
    complete_words explain VMF-E03
    assert_equal "$offered" " VMF-E030 VMF-E031 VMF-E032 "
    complete_words status -o ""
    assert_equal "$offered" " text json "
    complete_words config ""
    assert_equal "$offered" " show check "
}

@test "zsh and fish: the scripts are well-formed and know every command and option" {
    for shell in zsh fish; do
        vmferry completion "$shell" >"$BATS_TEST_TMPDIR/script.$shell"
        for command in $(commands); do
            for option in $(options "$command"); do
                word=$option
                [[ $shell == fish ]] && word=${option##*-}
                grep -q -- "$word" "$BATS_TEST_TMPDIR/script.$shell" || fail "$shell: $command has no $option"
            done
        done
        command -v "$shell" >/dev/null || continue
        run -0 "$shell" -n "$BATS_TEST_TMPDIR/script.$shell"
        assert_output ""
    done
}

@test "zsh offers what there is" {
    command -v zsh >/dev/null || skip "no zsh"
    vmferry completion zsh >"$BATS_TEST_TMPDIR/_vmferry"
    # The completion system's own functions say what they were given.
    ask() { # ask WORD...
        zsh -f -c 'compadd() { shift; print -l -- "$@"; }
            _describe() { print -l -- ${${(P)argv[-1]}%%:*}; }
            script=$1; shift; words=("$@"); CURRENT=$#; source "$script"' zsh "$BATS_TEST_TMPDIR/_vmferry" "$VMFERRY" "$@"
    }
    run ask migrate ""
    assert_output "status
web1
db1"
    run ask migrate web1 -c ""
    assert_output "kvm1
kvm2"
    run ask ""
    assert_line rollback
    run ask status --
    assert_line --wait
    refute_line --max-downtime
}

@test "fish offers what there is" {
    command -v fish >/dev/null || skip "no fish"
    ln -s "$VMFERRY" "$BATS_TEST_TMPDIR/vmferry"
    vmferry completion fish >"$BATS_TEST_TMPDIR/script.fish"
    ask() { PATH=$BATS_TEST_TMPDIR:$PATH fish --no-config -c "source $BATS_TEST_TMPDIR/script.fish; complete -C '$1'" | cut -f1; }
    run ask "vmferry migrate --lock"
    assert_output -- "--lock-wait"
    run ask "vmferry migrate -c k"
    assert_output "kvm1
kvm2"
    run ask "vmferry rollb"
    assert_output rollback
}

@test "names that cannot be found out are silence" {
    echo broken >>"$VMFERRY_CONFIG"
    source <(VMFERRY_CONFIG=/dev/null vmferry completion bash)
    complete_words migrate ""
    assert_equal "$offered" "  "
}

@test "every key of the configuration is in vmferry.conf(5), and every hook event, event type and code" {
    for setting in $(vmferry config show | cut -d' ' -f1 | grep -v '^host\.' | cut -d. -f2); do
        grep -qE "^\*.*\b$setting\*" "$root/man/vmferry.conf.5.scd" || fail "$setting is not in vmferry.conf(5)"
    done
    for event in $(jq -r '.properties.event.enum[]' "$root/cli/schemas/hook.json"); do
        grep -q "^\*$event\*" "$root/man/vmferry.conf.5.scd" || fail "the hook event $event is not in vmferry.conf(5)"
    done
    for type in $(jq -r '.anyOf[].properties.type.const' "$root/cli/schemas/events.json"); do
        grep -q "^\*$type\*" "$root/man/vmferry.1.scd" || fail "the event $type is not in vmferry(1)"
    done
    for code in $(sed -n '/^enum class ExitCode/,/^};/s/.*= \([0-9]*\),$/\1/p' "$root/core/engine/outcome.hpp"); do
        grep -qE "^[|:]?.?  ?$code(,|$)|, $code$|\[ $code$" "$root/man/vmferry.1.scd" || fail "exit code $code is not in vmferry(1)"
    done
}

@test "the manual pages are well-formed" {
    command -v scdoc >/dev/null || skip "no scdoc"
    for page in "$root"/man/*.scd; do
        run -0 scdoc <"$page"
    done
}
