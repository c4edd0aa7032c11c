# What every file of this folder loads: a world of its own for each test.
#
# Hosts are libvirt's test driver: kvm1 with the VMs web1, db1 (shut off) and status (a VM may be called
# like a command), kvm2 with none. The driver cannot migrate and says little about its host, so a move
# gets as far as the precheck phase and is then taken back; real moves are tested in tests/lab.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

node() { # node NAME [DOMAIN-XML...]
    local file=$BATS_TEST_TMPDIR/$1.xml
    shift
    {
        echo '<node><cpu><mhz>2000</mhz><model>x86_64</model><active>4</active><nodes>1</nodes>'
        echo '<sockets>1</sockets><cores>4</cores><threads>1</threads></cpu><memory>8192000</memory>'
        printf '%s\n' "$@"
        echo '</node>'
    } >"$file"
}

domain() { # domain NAME LAST-DIGITS [STATE]: 1 running, 5 shut off
    echo "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>$1</name>"
    echo "<uuid>0a8b7c6d-1111-4222-8333-44445555$2</uuid><memory>204800</memory><vcpu>2</vcpu>"
    echo "<os><type>hvm</type></os><test:runstate>${3:-1}</test:runstate></domain>"
}

setup_of_helper() {
    : "${VMFERRY:?set VMFERRY to the binary under test}"
    unset VMFERRY_CONFIG VMFERRY_CONNECT LIBVIRT_DEFAULT_URI VMFERRY_LOG VMFERRY_OUTPUT VMFERRY_ACCEPT NO_COLOR CLICOLOR_FORCE
    unset VMFERRY_FAILPOINTS VMFERRY_FAILPOINT_ROLE VMFERRY_FAILPOINT_LOG
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/xdg XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
    export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run TERM=dumb LC_ALL=C
    export VMFERRY_JOURNAL=$BATS_TEST_TMPDIR/journal.db
    [[ $(stat -f -c %T "$BATS_TEST_TMPDIR") == tmpfs ]] && export VMFERRY_JOURNAL_VOLATILE=1
    node kvm1 "$(domain web1 6601)" "$(domain status 6602)" "$(domain db1 6603 5)"
    node kvm2
    export VMFERRY_CONFIG=$BATS_TEST_TMPDIR/vmferry.toml
    cat >"$VMFERRY_CONFIG" <<EOF
schema = 1
[defaults]
connect = "kvm1"
[journal]
lock_dir = "$BATS_TEST_TMPDIR/locks"
[host.kvm1]
uri = "test://$BATS_TEST_TMPDIR/kvm1.xml"
[host.kvm2]
uri = "test://$BATS_TEST_TMPDIR/kvm2.xml"
EOF
}

# With a limit of our own: BATS_TEST_TIMEOUT does not end what `run` started.
vmferry() { timeout --foreground --kill-after=5 60 "$VMFERRY" "$@"; }

# Exit code, and on stderr the last four lines that every failure ends with.
refute_done() { # refute_done CODE WHAT NEXT; after run --separate-stderr
    assert_equal "$status" "$1"
    local count=${#stderr_lines[@]}
    ((count >= 4)) || fail "fewer than four lines: $stderr"
    assert_regex "${stderr_lines[count - 4]}" "^(error|warning) VMF-[A-Z][0-9]{3}: "
    [[ -z $2 ]] || assert_regex "${stderr_lines[count - 4]}" "$2"
    assert_regex "${stderr_lines[count - 1]}" "^Next: "
    [[ -z $3 ]] || assert_regex "${stderr_lines[count - 1]}" "$3"
}

json() { # json FIELDS...: one value of the JSON document in $output, as python would print it
    python3 -c 'import functools, json, sys
value = functools.reduce(lambda v, k: v[int(k) if k.isdigit() else k], sys.argv[2:], json.loads(sys.argv[1]))
print(json.dumps(value))' "$output" "$@"
}

# Every line of $output (or of stdin, with -) is a document of this schema.
assert_schema() { # assert_schema NAME [-]
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "no python3-jsonschema"
    local problem
    problem=$(if [[ ${2:-} == - ]]; then cat; else printf '%s\n' "$output"; fi |
        "$BATS_TEST_DIRNAME/validate.py" "$1") || fail "$problem"
}

need_failpoints() {
    VMFERRY_FAILPOINT_LOG=$BATS_TEST_TMPDIR/points vmferry migrate web1 kvm2 >/dev/null 2>&1 || true
    [[ -s $BATS_TEST_TMPDIR/points ]] || skip "built without VMFERRY_FAILPOINTS"
    rm -f "$VMFERRY_JOURNAL"
}

# Starts a migrate that waits after BEGIN until `go`; sets $guardian.
paused_migrate() {
    VMFERRY_FAILPOINTS="journal.BEGIN.after=pause:$BATS_TEST_TMPDIR/go" "$@" "$VMFERRY" migrate web1 kvm2 \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    guardian=$!
    wait_for_file "$BATS_TEST_TMPDIR/go.reached"
}
go() { touch "$BATS_TEST_TMPDIR/go"; }
wait_for_file() {
    for ((i = 0; i < 600; i++)); do
        [[ -e $1 ]] && return
        sleep 0.05
    done
    fail "$1 did not appear"
}
wait_for_text() { # wait_for_text FILE TEXT
    for ((i = 0; i < 600; i++)); do
        grep -q -- "$2" "$1" && return
        sleep 0.05
    done
    fail "'$2' did not appear in $1: $(cat "$1")"
}
worker_of() { cat "/proc/$1/task/$1/children" | tr -d ' '; }
# The exit code of the guardian, in $status.
reap() {
    status=0
    wait "$guardian" || status=$?
}

teardown() {
    [[ -n ${guardian:-} ]] && kill -0 "$guardian" 2>/dev/null && kill -KILL "$guardian" $(worker_of "$guardian") 2>/dev/null
    return 0
}

setup() { setup_of_helper; }
