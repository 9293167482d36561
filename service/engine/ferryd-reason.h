/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-enums.h"
#include "ferry-error.h"

G_BEGIN_DECLS

/* Both (transfer none): one sentence for people, translated, without its full stop. */
const char *ferryd_reason_for_cause (FerryCause cause);
const char *ferryd_reason_for_error (FerryTransferError status);

G_END_DECLS
