# SPDX-License-Identifier: Apache-2.0

"""How Sphinx makes the documentation."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = 'osc-hwmt'
copyright = 'osc-hwmt contributors'
extensions = ['cliff.sphinxext', 'openstackdocstheme', 'code_tables']
html_theme = 'openstackdocs'
openstackdocs_repo_name = 'osc-hwmt'
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False
autoprogram_cliff_application = 'openstack'
