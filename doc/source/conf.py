# SPDX-License-Identifier: Apache-2.0

"""How Sphinx makes the documentation."""

import pathlib
import sys

_here = pathlib.Path(__file__).resolve().parent
# The second is for the tests, of which tables are made.
sys.path[:0] = [str(_here), str(_here.parents[1])]

project = 'osc-hwmt'
copyright = 'osc-hwmt contributors'
extensions = ['cliff.sphinxext', 'code_tables', 'look', 'tables_of_tests']
autoprogram_cliff_application = 'openstack'
