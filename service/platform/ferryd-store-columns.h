/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sqlite3.h>

#include "ferryd-row.h"

G_BEGIN_DECLS

/* Columns of the table `operation` and the members of a row that they keep. */

#define FERRYD_STORE_ID_SIZE (sizeof ((FerrydId *) NULL)->bytes)

/* Parameters of what writes: the id, the position, then the columns. */
#define FERRYD_STORE_PARAMETER_ID 1
#define FERRYD_STORE_PARAMETER_POSITION 2
#define FERRYD_STORE_FIRST_PARAMETER 3

/* Results of what reads: the sequence, the position, then the columns. */
#define FERRYD_STORE_RESULT_SEQUENCE 0
#define FERRYD_STORE_RESULT_POSITION 1
#define FERRYD_STORE_FIRST_RESULT 2

char *ferryd_store_columns_expand (const char *text);
char *ferryd_store_columns_make_update (FerrydColumns wanted);
void ferryd_store_columns_bind (sqlite3_stmt *statement, const FerrydRow *row, FerrydColumns wanted);
FerrydRow *ferryd_store_columns_read (sqlite3_stmt *statement, FerrydColumns wanted);

G_END_DECLS
