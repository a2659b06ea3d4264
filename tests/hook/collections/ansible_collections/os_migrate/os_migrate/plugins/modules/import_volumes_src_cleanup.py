#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Stands where os-migrate gives the source back its volumes: nothing."""

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'volume_map': {'type': 'dict', 'required': True},
        }
    )
    module.exit_json(changed=True)


if __name__ == '__main__':
    main()
