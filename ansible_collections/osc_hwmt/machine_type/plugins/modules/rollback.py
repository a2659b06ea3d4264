#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Undo the writes that journals recorded
version_added: 1.0.0
description:
  - Runs C(openstack migrate machine-type rollback). Volumes get back the
    machine types that they had, or none, if they still have what was written.
  - Fails if a volume does not get back what it had. Running it again finishes
    what is missing.
extends_documentation_fragment:
  - osc_hwmt.machine_type.command
  - osc_hwmt.machine_type.command.destination
  - osc_hwmt.machine_type.command.journals
options:
  journals:
    description: Journals to undo.
    type: list
    elements: path
    required: true
  journal:
    description:
      - New file that records every write. If not set, a file next to the
        first journal to undo, or in O(journal_directory).
    type: path
  overwrite_changed:
    description:
      - Also restore volumes that another run or tool has changed since.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing.
  diff_mode:
    support: full
    description: Shows what each volume has and what it gets back.
"""

EXAMPLES = r"""
- name: Undo tonight's wave
  osc_hwmt.machine_type.rollback:
    destination_cloud: dst
    journals:
      - vms.yml.20261129T014500Z.journal
"""

RETURN = r"""
volumes:
  description:
    - Result for each volume, with the fields of the command's table.
  returned: if there was a plan
  type: list
  elements: dict
  sample:
    - server: erp
      volume_id: 338901f0-6a2c-4d4e-9f5b-0c1d2e3f4a5b
      found:
        hw_machine_type: pc-i440fx-rhel7.6.0
      wanted:
        hw_machine_type: null
      result: restored
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
    'journals': command.FILES,
    'journal': {'type': 'path'},
    'overwrite_changed': {'type': 'bool', 'default': False},
}
_WRITTEN = frozenset(('restored', 'to restore'))


def main() -> None:
    module = AnsibleModule(SPEC, supports_check_mode=True)
    code, volumes, message = command.run(
        module,
        'rollback',
        SPEC,
        'journals',
        '--dry-run' if module.check_mode else '--auto-approve',
    )
    command.end(
        module,
        code,
        message,
        volumes=volumes,
        **command.written(volumes, _WRITTEN, 'found'),
    )


if __name__ == '__main__':
    main()
