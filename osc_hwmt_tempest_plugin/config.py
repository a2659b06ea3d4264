# SPDX-License-Identifier: Apache-2.0

"""The group [machine_type_migration] of tempest.conf."""

from __future__ import annotations

from oslo_config import cfg

GROUP = cfg.OptGroup(
    'machine_type_migration', 'Machine types of migrated servers'
)
OPTIONS = [
    cfg.StrOpt(
        'i440fx',
        default='pc',
        help='Machine type with the i440FX chipset that the hosts support.',
    ),
    cfg.StrOpt(
        'q35',
        default='q35',
        help='Machine type with the Q35 chipset that the hosts support.',
    ),
    cfg.StrOpt(
        'default',
        help='Machine type that Nova records for a server whose volume has '
        'none. Not compared if not set.',
    ),
    cfg.StrOpt(
        'openstack_command',
        help='The openstack command with osc-hwmt installed. If not set, the '
        'one next to the Python that runs tempest.',
    ),
    cfg.BoolOpt(
        'console',
        default=False,
        help='Whether the guest of image_ref logs its PCI devices on its '
        'serial console, as most Linux kernels do.',
    ),
    cfg.StrOpt(
        'console_i440fx',
        default='8086:(0x)?1237',
        help='Regular expression to match in the console of a guest on '
        'i440FX.',
    ),
    cfg.StrOpt(
        'console_q35',
        default='8086:(0x)?29c0',
        help='Regular expression to match in the console of a guest on Q35.',
    ),
]
