#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Returns the resources of a file, as os-migrate's module of that name."""

import yaml
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={'path': {'type': 'str', 'required': True}},
        supports_check_mode=True,
    )
    with open(module.params['path'], encoding='utf-8') as file:
        resources = yaml.safe_load(file)['resources']
    module.exit_json(changed=False, resources=resources)


if __name__ == '__main__':
    main()
