/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-cmd-request.h"

G_BEGIN_DECLS

FerryCmdStatus ferry_cmd_transfer (FerryFactory *factory, const FerryCmdRequest *request);

G_END_DECLS
