/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-row.h"

/**
 * ferryd_row_new:
 * @id: which operation
 *
 * Returns: (transfer full): a row that means no column yet; sizes and the error status say "not known",
 * everything else is zero
 */
FerrydRow *
ferryd_row_new (const FerrydId *id)
{
  FerrydRow *row = g_new0 (FerrydRow, 1);

  row->id = *id;
  row->error_status = -1;
  row->total_to_receive = -1;
  row->total_to_send = -1;
  return row;
}

/**
 * ferryd_row_clear:
 * @row: a row
 *
 * Gives back what @row owns and makes it all zero.
 */
void
ferryd_row_clear (FerrydRow *row)
{
  g_free (row->application);
  g_free (row->group);
  g_free (row->host);
  g_clear_pointer (&row->request, g_variant_unref);
  g_clear_pointer (&row->secrets, g_variant_unref);
  g_free (row->error_message);
  g_clear_pointer (&row->response, g_variant_unref);
  g_free (row->suggested_name);
  g_clear_pointer (&row->progress, g_variant_unref);
  g_free (row->upload_url);
  *row = (FerrydRow){ 0 };
}

/**
 * ferryd_row_free:
 * @row: (transfer full) (nullable): a row
 */
void
ferryd_row_free (FerrydRow *row)
{
  if (row == NULL)
    return;
  ferryd_row_clear (row);
  g_free (row);
}
