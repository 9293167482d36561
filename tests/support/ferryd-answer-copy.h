/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-transport.h"

G_BEGIN_DECLS

FerrydAnswer *ferryd_answer_copy (const FerrydAnswer *answer);
void ferryd_answer_free (FerrydAnswer *answer);

G_END_DECLS
