# SPDX-License-Identifier: Apache-2.0

"""The gate: no server is built before its volume is right."""
