# SPDX-License-Identifier: Apache-2.0

"""Fuzz the manifest's reader and editor.

It runs for ten minutes, or until the first defect, whose input it keeps and
whose command it prints. What is covered leads it on (atheris, libFuzzer).
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

import atheris

with atheris.instrument_imports(include=['osc_hwmt']):
    from tests.manifest_properties.fuzz import target

#: What libFuzzer refuses as too slow, in seconds, or too large, in MiB.
_LIMITS = ('-timeout=10', '-rss_limit_mb=1024', '-max_len=4096')


def main() -> None:
    """Fuzz until the time is over, or run the given inputs once."""
    command = 'python -m tests.manifest_properties.fuzz'
    parser = argparse.ArgumentParser(prog=command)
    parser.add_argument('--seconds', type=int, default=600)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument(
        'inputs', nargs='*', type=pathlib.Path, help='kept inputs to run again'
    )
    options = parser.parse_args()
    if options.inputs:
        for path in options.inputs:
            target.run(path.read_bytes())
        print(f'{len(options.inputs)} inputs, no defect')
        return
    print(
        f'{command} --seconds {options.seconds} --seed {options.seed}',
        flush=True,
    )
    atheris.Setup(
        [
            sys.argv[0],
            *_LIMITS,
            f'-max_total_time={options.seconds}',
            f'-seed={options.seed}',
            # Long inputs from the start: short ones are drawn to their end.
            '-len_control=0',
            '-artifact_prefix=fuzz-',
            '-print_final_stats=1',
        ],
        target.run,
    )
    atheris.Fuzz()


if __name__ == '__main__':
    main()
