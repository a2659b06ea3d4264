#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Print what libvirt on this compute host knows:
#   domains         the servers that it has, with the hardware they run on
#   machine-types   what it can run
#
#   ssh root@compute-0 sh -s domains < collect.sh > compute-0.txt
#
# It changes nothing, and its connections are read-only but for what devices a
# machine type can be given, which libvirt tells to nobody else. The virsh that
# it uses is the host's, or that of TripleO's or Kolla's container. VIRSH names
# another one, such as "podman exec libvirt virsh", and LIBVIRT_URI another
# libvirt than qemu:///system.

# What virsh lists are words and no patterns.
set -f
uri=${LIBVIRT_URI:-qemu:///system}
# A libvirt that hangs shall not hold up the night.
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
