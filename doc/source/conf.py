# SPDX-License-Identifier: Apache-2.0

"""How Sphinx makes the documentation."""

project = 'osc-hwmt'
copyright = 'osc-hwmt contributors'
extensions = ['cliff.sphinxext', 'openstackdocstheme']
html_theme = 'openstackdocs'
openstackdocs_repo_name = 'osc-hwmt'
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False
autoprogram_cliff_application = 'openstack'
