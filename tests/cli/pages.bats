#!/usr/bin/env bats
# The manual page and the completion know every command and option that the program knows.

load helper

root=$BATS_TEST_DIRNAME/../..

commands() { "$VMFERRY" | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }
options() { "$VMFERRY" "$1" --help | sed -n 's/^  \(-[^ ]*\).*/\1/p' | tr ',' '\n'; }

@test "every command and option is in the manual page" {
    for command in $(commands); do
        grep -q "^\*$command\*" "$root/man/vmferry.1.scd" || fail "$command is not in the manual page"
        for option in $(options "$command"); do
            case $option in -h | --help | --version | --quiet | --verbose) continue ;; esac
            grep -qF -- "*$option*" "$root/man/vmferry.1.scd" || fail "$command $option is not in the manual page"
        done
    done
}

@test "every command and option is offered by the completion" {
    source "$root/completions/vmferry.bash"
    for command in $(commands); do
        COMP_WORDS=(vmferry "${command:0:3}") COMP_CWORD=1
        _vmferry
        assert_regex " ${COMPREPLY[*]} " " $command "
        for option in $(options "$command"); do
            [[ $option == --version ]] && continue
            COMP_WORDS=(vmferry "$command" "$option") COMP_CWORD=2
            _vmferry
            assert_regex " ${COMPREPLY[*]} " " $option "
        done
    done
}

@test "the completion offers nothing that does not exist" {
    source "$root/completions/vmferry.bash"
    for command in $(commands); do
        COMP_WORDS=(vmferry "$command" -) COMP_CWORD=2
        _vmferry
        for option in "${COMPREPLY[@]}"; do
            options "$command" | grep -qxF -- "$option" || fail "$command has no $option"
        done
    done
}

@test "the manual page is well-formed" {
    command -v scdoc >/dev/null || skip "no scdoc"
    run -0 scdoc <"$root/man/vmferry.1.scd"
}
