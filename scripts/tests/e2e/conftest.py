# SPDX-License-Identifier: GPL-2.0
"""The fixtures are in a module of their own, as the stress tests have them too."""

pytest_plugins = ["end_to_end"]
