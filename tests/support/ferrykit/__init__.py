# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the bus and integration tests stand on: private buses, the built service, servers, a client.

The start is `ferrykit.world.World`, which the pytest fixture `world` hands to a test.
"""
