#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: hook_is_active
short_description: Fail unless the hook is active in this play
version_added: 1.0.0
description:
  - Fails if the callback P(osc_hwmt.machine_type.hook#callback) was not
    loaded into this play, or cannot be used. Without the hook, os-migrate
    builds servers with the destination's default machine type.
  - Run it before os-migrate's import. Ansible itself only warns if a callback
    cannot be found, and continues.
author:
  - osc-hwmt contributors (@osc-hwmt)
attributes:
  check_mode:
    support: full
    description: Does the same.
  diff_mode:
    support: none
    description: Changes nothing.
"""

EXAMPLES = r"""
- name: Stop here if machine types would not be set
  osc_hwmt.machine_type.hook_is_active:
"""

RETURN = r""" # """
