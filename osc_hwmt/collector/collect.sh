#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Print what libvirt on this compute host knows:
#   domains         its servers, with the hardware that they run on
#   machine-types   the machine types that it supports
#
#   ssh root@compute-0 sh -s domains < collect.sh > compute-0.txt
#
# It changes nothing. Its connections are read-only, except for the devices
# that a machine type supports, which libvirt does not show on such a
# connection. It uses the virsh of the host, or of TripleO's or Kolla's
# container. Set VIRSH to use another one, such as "podman exec libvirt virsh",
# and LIBVIRT_URI for a libvirt other than qemu:///system.

# What virsh lists are words, not patterns.
set -f
uri=${LIBVIRT_URI:-qemu:///system}
# A libvirt that hangs must not block the run.
limit='timeout 60'
command -v timeout >/dev/null 2>&1 || limit=

# $limit, $virsh and $mode are several words, or none.
ask() {
    $limit $virsh $mode --quiet --connect "$uri" "$@" </dev/null
}

find_virsh() {
    reasons=
    while read -r virsh; do
        if answer=$(ask uri 2>&1); then
            return 0
        fi
        reasons="$reasons
$virsh: $answer"
    done <<END
${VIRSH:-virsh
podman exec nova_virtqemud virsh
podman exec nova_libvirt virsh
docker exec nova_libvirt virsh}
END
    echo "No virsh answers:$reasons" >&2
    return 1
}

domains() {
    if ! servers=$(ask list --all --uuid); then
        failed 'list of domains'
        return
    fi
    for server in $servers; do
        ask dumpxml "$server" || failed "domain $server"
    done
}

machine_types() {
    ask capabilities || failed capabilities
    mode=
    # A host has some of these.
    for machine in pc q35 virt s390-ccw-virtio pseries; do
        ask domcapabilities --machine "$machine" 2>/dev/null
    done
}

# What was printed last may have been cut off within a line.
say() {
    printf '\n# osc-hwmt %s\n' "$1"
}

failed() {
    say "failed $1"
    status=1
}

main() {
    case ${1:-} in
        domains | machine-types) ;;
        *)
            echo "usage: collect.sh domains|machine-types" >&2
            return 2
            ;;
    esac
    status=0
    mode=--readonly
    say "host $(hostname -f 2>/dev/null || uname -n)"
    if ! find_virsh; then
        failed 'no virsh answers'
    elif [ "$1" = domains ]; then
        domains
    else
        machine_types
    fi
    say end
    return "$status"
}

# All of this script is read before anything runs: its own input may be it.
main "$@"
exit
