# SPDX-License-Identifier: Apache-2.0

"""The journal: what a run is going to write, and what became of it."""
