# SPDX-License-Identifier: Apache-2.0

"""Let tox find the Pythons that pyenv keeps out of the PATH."""

import os
import pathlib

_root = os.environ.get('PYENV_ROOT') or pathlib.Path.home() / '.pyenv'
os.environ['PATH'] = os.pathsep.join(
    (
        os.environ['PATH'],
        *map(str, sorted(pathlib.Path(_root).glob('versions/*/bin'))),
    )
)
