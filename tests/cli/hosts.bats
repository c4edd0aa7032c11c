#!/usr/bin/env bats
# From the name of a host to the host: configuration, URI, alias, environment.

load helper

@test "an unknown host is 68 and says which are known" {
    run --separate-stderr vmferry migrate web1 kvm9
    refute_done 68 "unknown host 'kvm9'; did you mean 'kvm.'. .configured are: kvm1, kvm2" "host.kvm9"
}

@test "a libvirt alias is understood" {
    # libvirt reads root's aliases from /etc only, so this is somebody else.
    somebody=(env)
    if ((EUID == 0)); then
        somebody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        "${somebody[@]}" test -x "$VMFERRY" || skip "the binary is out of reach for another user"
        chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" 2>/dev/null || true
        chmod -R a+rwX "$BATS_TEST_TMPDIR"
    fi
    mkdir -p "$XDG_CONFIG_HOME/libvirt"
    echo "uri_aliases = [ \"far=test://$BATS_TEST_TMPDIR/kvm1.xml\" ]" >"$XDG_CONFIG_HOME/libvirt/libvirt.conf"
    chmod -R a+rX "$XDG_CONFIG_HOME"
    run --separate-stderr "${somebody[@]}" "$VMFERRY" migrate web1 far
    # The test driver cannot move anything, but the alias has become a host.
    [[ $stderr == *"web1: kvm1 -> far"* || $output == *"web1 is on far already"* ]]
    [[ $status -ne 68 ]]
}

@test "a malformed URI is 64, before anything is opened" {
    for uri in 'qemu+ssh:/kvm2/system' 'qemu+ssh//kvm2' '://kvm2' 'qemu+ssh://kvm2:port/system' 'kvm 2' '+x://kvm2'; do
        run --separate-stderr vmferry migrate web1 "$uri"
        refute_done 64 "neither the name of a host nor a URI" "write it like qemu"
        assert [ ! -e "$VMFERRY_JOURNAL" ]
    done
}

@test "a malformed URI in a variable is 64 and names the variable" {
    VMFERRY_CONNECT='qemu+ssh//kvm1' run --separate-stderr vmferry migrate web1 kvm2
    refute_done 64 "in the variable VMFERRY_CONNECT" "write it like"
}

@test "a URI that libvirt has no driver for is 64" {
    run --separate-stderr vmferry migrate web1 qemu+nosuch://kvm2/system
    refute_done 64 "not one that libvirt can open" "qemu"
}

@test "a host that does not answer is 69, for source and target" {
    run --separate-stderr vmferry migrate web1 qemu+tcp://127.0.0.1:1/system
    refute_done 69 "does not answer" "virsh"
    run --separate-stderr vmferry -c qemu+tcp://127.0.0.1:1/system migrate web1 kvm2
    refute_done 69 "does not answer" "virsh"
}

@test "secrets of a URI are shown nowhere" {
    run vmferry migrate web1 'qemu+tcp://root:hunter2@127.0.0.1:1/system?password=hunter3' -vv
    assert_equal "$status" 69
    refute_output --partial hunter
    refute grep -q hunter "$VMFERRY_JOURNAL"
}

@test "--connect wins over VMFERRY_CONNECT over LIBVIRT_DEFAULT_URI over the configuration" {
    export VMFERRY_CONNECT=kvm2 LIBVIRT_DEFAULT_URI=nosuch:///
    run --separate-stderr vmferry announce -v --connect kvm1 web1
    assert_regex "$stderr" "host kvm1: from"
    run --separate-stderr vmferry announce -v web1
    assert_regex "$stderr" "host kvm2: from"
    unset VMFERRY_CONNECT
    run --separate-stderr vmferry announce -v web1
    assert_regex "$stderr" "host nosuch:///: a URI"
    unset LIBVIRT_DEFAULT_URI
    run --separate-stderr vmferry announce -v web1
    assert_regex "$stderr" "host kvm1: from"
}
