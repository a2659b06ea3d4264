# SPDX-License-Identifier: Apache-2.0

"""YAML as text: read with its places, and edited in place."""
