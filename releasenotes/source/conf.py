# SPDX-License-Identifier: Apache-2.0

"""How Sphinx makes the release notes."""

project = 'osc-hwmt release notes'
copyright = 'osc-hwmt contributors'
extensions = ['openstackdocstheme', 'reno.sphinxext']
html_theme = 'openstackdocs'
openstackdocs_repo_name = 'osc-hwmt'
openstackdocs_auto_name = False
