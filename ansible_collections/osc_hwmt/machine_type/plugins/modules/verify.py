#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: verify
short_description: Compare the destination with manifests
version_added: 1.0.0
description:
  - Runs C(openstack migrate machine-type verify), which compares the volumes,
    the servers that were built, and the machine types that the hosts support.
    Changes nothing.
  - Fails if anything differs, with RV(rc=3).
extends_documentation_fragment:
  - osc_hwmt.machine_type.command
  - osc_hwmt.machine_type.command.destination
  - osc_hwmt.machine_type.command.journals
  - osc_hwmt.machine_type.command.abilities
  - osc_hwmt.machine_type.command.manifests
options:
  all_imported:
    description:
      - Treat servers that are not imported yet, with neither a server nor a
        volume at the destination, as errors.
    type: bool
    default: false
  inspect:
    description:
      - Read Nova's record of volume-backed servers with no other recorded
        machine type, through temporary images and snapshots. Does nothing in
        check mode.
    type: bool
    default: false
  journal:
    description:
      - Additional journals of earlier runs. Those next to the manifests and
        in O(journal_directory) are always read.
    type: list
    elements: path
  report:
    description: Write an HTML report to this file. Not in check mode.
    type: path
attributes:
  check_mode:
    support: full
    description: Creates no temporary resources and writes no report.
  diff_mode:
    support: none
    description: Changes nothing.
"""

EXAMPLES = r"""
- name: Prove that the servers have their machine types
  osc_hwmt.machine_type.verify:
    destination_cloud: dst
    manifests:
      - vms.yml
    report: report.html
"""

RETURN = r"""
findings:
  description:
    - Each finding, with the fields of the command's table.
  returned: if the destination could be read
  type: list
  elements: dict
  sample:
    - server: erp
      project: demo
      volume_id: 338901f0-6a2c-4d4e-9f5b-0c1d2e3f4a5b
      wanted: pc-i440fx-rhel7.6.0
      found: pc-i440fx-rhel7.6.0
      question: volume
      finding: volume-ok
      severity: note
      detail: ''
      remedy: ''
rc:
  description:
    - Exit code of the command. 1 if something could not be read, 2 for wrong
      usage, 3 if anything differs, otherwise 0.
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
    'all_imported': {'type': 'bool', 'default': False},
    'inspect': {'type': 'bool', 'default': False},
    'journal': {'type': 'list', 'elements': 'path'},
    'report': {'type': 'path'},
}


def main() -> None:
    module = AnsibleModule(SPEC, supports_check_mode=True)
    if module.check_mode:
        module.params.update(inspect=False, report=None)
    code, findings, message = command.run(
        module,
        'verify',
        SPEC,
        'manifests',
        *(['--auto-approve'] if module.params['inspect'] else ()),
    )
    command.end(module, code, message, changed=False, findings=findings)


if __name__ == '__main__':
    main()
