# SPDX-License-Identifier: Apache-2.0

"""How fast, how heavy: apply beside what else would do its job.

Usage, on a machine that does nothing else::

    tox -e benchmark

It takes some twenty minutes and writes ``doc/source/benchmark/results.json``,
the figure and the tables of the documentation. Reading and planning alone
need no test clouds::

    python -m tests.benchmark --only-recorded --servers 100 1000
"""
