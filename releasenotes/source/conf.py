# SPDX-License-Identifier: Apache-2.0

"""How Sphinx makes the release notes."""

import pathlib
import sys

_root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_root / 'doc' / 'source'))

project = 'osc-hwmt release notes'
copyright = 'osc-hwmt contributors'
extensions = ['look', 'reno.sphinxext']
