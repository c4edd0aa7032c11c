# bash completion for vmferry(1)

_vmferry() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='precheck plan migrate announce rollback status help'
    local common='-c --connect -o --output --json -q --quiet -v --verbose --color --config --journal -h --help'
    local command='' word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case " $commands " in
        *" $word "*)
            command=$word
            break
            ;;
        esac
    done
    case $previous in
    -o | --output)
        COMPREPLY=($(compgen -W 'text json' -- "$current"))
        return
        ;;
    --color)
        COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
        return
        ;;
    --profile)
        COMPREPLY=($(compgen -W 'fast gentle strict' -- "$current"))
        return
        ;;
    --method)
        COMPREPLY=($(compgen -W 'qmp frames auto' -- "$current"))
        return
        ;;
    --switch)
        COMPREPLY=($(compgen -W 'guarded wait' -- "$current"))
        return
        ;;
    --on-timeout)
        COMPREPLY=($(compgen -W 'rollback suspend' -- "$current"))
        return
        ;;
    --config | --journal | -O | --plan-file | --plan | --sign)
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    esac
    local own=''
    local move='--accept --profile --max-downtime --bwlimit --auto-converge --parallel --timeout --stall-timeout
        --on-timeout --switch --p2p --tls --tls-destination --probe'
    case $command in
    '') own="$commands --version" ;;
    help) own=$commands ;;
    precheck) own='--accept' ;;
    plan) own="$move -O --plan-file --sign --expires --detailed-exitcode --print-diff" ;;
    migrate) own="$move --plan -n --dry-run --print-diff" ;;
    announce) own='--method --interface --probe --count --interval --verify' ;;
    rollback) own='--vm --all-incomplete --host-dead --forward -n --dry-run -y --yes' ;;
    esac
    COMPREPLY=($(compgen -W "$own $common" -- "$current"))
}
complete -F _vmferry vmferry
