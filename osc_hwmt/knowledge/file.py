# SPDX-License-Identifier: Apache-2.0

"""The knowledge in the package, and what operators' files make of it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from osc_hwmt.knowledge import form as knowledge_form
from osc_hwmt.knowledge.releases import Knowledge
from osc_hwmt.local import files

SHIPPED = 'data/machine-types.yaml'


def load(paths: Iterable[str]) -> Knowledge:
    """Return the package's knowledge with what some files change in it.

    A later file has the last word. Raises FileError for one that can't be
    read, and ManifestError with the problems of one that is wrong.
    """
    text = resources.files('osc_hwmt').joinpath(SHIPPED).read_text('utf-8')
    knowledge = knowledge_form.parse(text, SHIPPED, Knowledge())
    for path in paths:
        knowledge = knowledge_form.parse(
            files.read(path).text, path, knowledge
        )
    return knowledge
