#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: apply
short_description: Set machine types on the destination's volumes
version_added: 1.0.0
description:
  - Runs C(openstack migrate machine-type apply), which sets the machine types
    of a manifest on the boot volumes before Nova builds the servers.
  - Fails if a server is refused or too late, or its volume cannot be written.
    Running it again finishes what is missing and writes nothing twice.
extends_documentation_fragment:
  - osc_hwmt.machine_type.command
  - osc_hwmt.machine_type.command.destination
  - osc_hwmt.machine_type.command.journals
  - osc_hwmt.machine_type.command.abilities
  - osc_hwmt.machine_type.command.manifests
options:
  ignore_unsupported:
    description:
      - Also set machine types that the destination is known not to support.
    type: bool
    default: false
  journal:
    description:
      - New file that records every write. If not set, a file next to the
        first manifest, or in O(journal_directory).
    type: path
  wait:
    description:
      - Keep polling and write to volumes as they appear, until every volume
        has been handled.
    type: bool
    default: false
  timeout:
    description: Stop O(wait) after this many seconds; never if not set.
    type: int
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing.
  diff_mode:
    support: full
    description: Shows what each volume had and what it gets.
seealso:
  - module: osc_hwmt.machine_type.verify
  - module: osc_hwmt.machine_type.rollback
"""

EXAMPLES = r"""
- name: Set the machine types before the servers are created
  osc_hwmt.machine_type.apply:
    destination_cloud: dst
    destination_release: rhoso18
    manifests:
      - vms.yml
"""

RETURN = r"""
servers:
  description:
    - Result for each server, with the fields of the command's table.
  returned: if there was a plan
  type: list
  elements: dict
  sample:
    - server: erp
      project: demo
      volume_id: 338901f0-6a2c-4d4e-9f5b-0c1d2e3f4a5b
      before: null
      wanted: pc-i440fx-rhel7.6.0
      result: set
      detail: ''
rc:
  description: Exit code of the command, 0 or 1, or 2 for wrong usage.
  returned: always
  type: int
msg:
  description: Messages of the command, including its summary.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.osc_hwmt.machine_type.plugins.module_utils import (
    command,
)

SPEC: command.Spec = {
    **command.SURROUNDINGS,
    **command.CONCURRENCY,
    **command.SERVERS,
    **command.DESTINATION,
    **command.JOURNALS,
    **command.ABILITIES,
    **command.MANIFESTS,
    'ignore_unsupported': {'type': 'bool', 'default': False},
    'journal': {'type': 'path'},
    'timeout': {'type': 'int'},
    'wait': {'type': 'bool', 'default': False},
}
_WRITTEN = frozenset(('set', 'removed', 'to set', 'to remove'))


def main() -> None:
    module = AnsibleModule(SPEC, supports_check_mode=True)
    code, servers, message = command.run(
        module,
        'apply',
        SPEC,
        'manifests',
        '--dry-run' if module.check_mode else '--auto-approve',
    )
    command.end(
        module,
        code,
        message,
        servers=servers,
        **command.written(servers, _WRITTEN, 'before'),
    )


if __name__ == '__main__':
    main()
