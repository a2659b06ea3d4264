# SPDX-License-Identifier: Apache-2.0

"""Several commands of one service, which is imported only once.

Usage: manage.py <script> <argument> ... [-- <argument> ...] ...

Each command is a process of its own, forked from one that has imported what
the script imports; importing takes longer than most commands do.
"""

import itertools
import os
import runpy
import sys


def main(script, *words):
    """Return the exit status of the first command that fails, else 0."""
    runpy.run_path(script, run_name='imported')
    groups = itertools.groupby(words, lambda word: word == '--')
    for arguments in [list(group) for ends, group in groups if not ends]:
        print(f'$ {os.path.basename(script)} {" ".join(arguments)}')
        sys.stdout.flush()
        child = os.fork()
        if not child:
            sys.argv = [script, *arguments]
            runpy.run_path(script, run_name='__main__')
            return 0
        status = os.waitpid(child, 0)[1]
        if status:
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
