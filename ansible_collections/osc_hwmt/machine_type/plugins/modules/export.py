#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Find the machine types of source servers
version_added: 1.0.0
description:
  - Runs C(openstack migrate machine-type export), which writes the machine
    types to manifests. An existing file is refreshed in place, and the
    operator's edits are kept.
extends_documentation_fragment:
  - osc_hwmt.machine_type.command
  - osc_hwmt.machine_type.command.abilities
options:
  manifests:
    description:
      - Manifests to create, or to refresh and extend. A file that os-migrate
        wrote gets machine types but no new servers.
    type: list
    elements: path
    required: true
  source_cloud:
    description: Source cloud, by its name in clouds.yaml.
    type: str
    default: src
  project:
    description: Export servers of this project (name or ID), admin only.
    type: str
  all_projects:
    description: Export servers of all projects, admin only.
    type: bool
    default: false
  project_domain:
    description:
      - Domain of O(project) (name), if the project name is not unique.
    type: str
  default_machine_type:
    description:
      - Machine type for servers with no recorded machine type. V(x86_64=pc)
        applies only to servers of that architecture.
    type: list
    elements: str
  set:
    description:
      - Set the machine type of servers selected by name, pattern or ID, such
        as V(erp-*=q35). V(erp=null) leaves it to the destination. The last
        match wins.
    type: list
    elements: str
  rules:
    description:
      - YAML file with rules that set machine types and other properties of
        servers.
    type: path
  backup:
    description:
      - Keep a copy of each changed manifest, in the same directory.
    type: bool
    default: false
  park_volume_metadata:
    description:
      - Rename volume image metadata that would make os-migrate's import fail.
    type: bool
    default: false
  include_property:
    description: Also export these image properties.
    type: list
    elements: str
  hardware:
    description:
      - Also export all other image properties found that define virtual
        hardware.
    type: bool
    default: false
  source_hosts:
    description:
      - Files or directories with data collected from the source's hosts or
        Nova database.
    type: list
    elements: path
  source_release:
    description:
      - Source release, such as V(rhosp16.2). Its default is used for servers
        with no recorded machine type, and marked as inferred.
    type: str
  translate:
    description:
      - If the destination does not support a machine type, write the nearest
        supported one of the same family.
    type: bool
    default: false
  pin:
    description:
      - Replace an alias such as V(q35) with a versioned name.
    type: bool
    default: false
  inspect:
    description:
      - Read Nova's record of volume-backed servers with no other recorded
        machine type, through temporary images and snapshots. Does nothing in
        check mode.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Writes nothing and creates no temporary resources.
  diff_mode:
    support: full
    description: Shows the manifests before and after.
"""

EXAMPLES = r"""
- name: Add the machine types to os-migrate's file
  osc_hwmt.machine_type.export:
    source_cloud: src
    source_hosts:
      - source/
    manifests:
      - "{{ os_migrate_data_dir }}/workloads.yml"
"""

RETURN = r"""
servers:
  description:
    - What was found for each server, with the fields of the command's table.
  returned: if the source could be read
  type: list
  elements: dict
  sample:
    - server: erp
      id: 5d0c2b1a-7f3e-4c8d-9b6a-1e2f3a4b5c6d
      project: demo
      found: pc-i440fx-rhel7.6.0
      evidence: libvirt-domain
      wanted: pc-i440fx-rhel7.6.0
      result: added
      detail: ''
rc:
  description: Exit code of the command, 0 or 1, or 2 for wrong usage.
  returned: always
  type: int
msg:
  description:
    - Messages of the command, including its summary and the undecided
      servers.
  returned: always
  type: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.osc_hwmt.machine_type.plugins.module_utils import (
    command,
)

SPEC: command.Spec = {
    **command.SURROUNDINGS,
    **command.CONCURRENCY,
    **command.SERVERS,
    **command.ABILITIES,
    'all_projects': {'type': 'bool', 'default': False},
    'backup': {'type': 'bool', 'default': False},
    'default_machine_type': {'type': 'list', 'elements': 'str'},
    'hardware': {'type': 'bool', 'default': False},
    'include_property': {'type': 'list', 'elements': 'str'},
    'inspect': {'type': 'bool', 'default': False},
    'manifests': command.FILES,
    'park_volume_metadata': {'type': 'bool', 'default': False},
    'pin': {'type': 'bool', 'default': False},
    'project': {'type': 'str'},
    'project_domain': {'type': 'str'},
    'rules': {'type': 'path'},
    'set': {'type': 'list', 'elements': 'str'},
    'source_cloud': {'type': 'str', 'default': 'src'},
    'source_hosts': {'type': 'list', 'elements': 'path'},
    'source_release': {'type': 'str'},
    'translate': {'type': 'bool', 'default': False},
}


def main() -> None:
    module = AnsibleModule(SPEC, supports_check_mode=True)
    manifests = module.params['manifests']
    if module.check_mode:
        module.params['inspect'] = False
    before = [_text(path) for path in manifests]
    code, servers, message = command.run(
        module,
        'export',
        SPEC,
        'manifests',
        *(['--dry-run'] if module.check_mode else ()),
        *(['--auto-approve'] if module.params['inspect'] else ()),
    )
    if module.check_mode:
        diff = [{'prepared': _proposed(message)}]
    else:
        diff = [
            {
                'before_header': path,
                'after_header': path,
                'before': old,
                'after': new,
            }
            for path, old, new in zip(manifests, before, map(_text, manifests))
            if old != new
        ]
    changed = any(one.get('prepared') or 'after' in one for one in diff)
    command.end(
        module, code, message, changed=changed, servers=servers, diff=diff
    )


def _text(path: str) -> str:
    """Return a manifest's text, empty if there is none yet."""
    try:
        return Path(path).read_text('utf-8')
    except FileNotFoundError:
        return ''


def _proposed(message: str) -> str:
    """Return the lines of a dry run that say what would change."""
    lines: list[str] = []
    for section in message.split('\nNot written: ')[:-1]:
        _said, header, diff = f'\n{section}'.partition('\n--- ')
        lines.append(f'{header}{diff}'.strip('\n'))
    return '\n'.join(filter(None, lines))


if __name__ == '__main__':
    main()
