/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerrydId:
 *
 * The identity of an operation or completion group: a random UUID (RFC 9562 version 4), 16 bytes in memory
 * and in the store, 32 lower-case hex digits on the bus.
 */
typedef struct
{
  guint8 bytes[16];
} FerrydId;

#define FERRYD_ID_TEXT_SIZE 33

void ferryd_id_generate (FerrydId *id);
gboolean ferryd_id_parse (const char *text, FerrydId *id);
void ferryd_id_format (const FerrydId *id, char text[FERRYD_ID_TEXT_SIZE]);
guint ferryd_id_hash (gconstpointer id);
gboolean ferryd_id_equal (gconstpointer a, gconstpointer b);

/* (transfer full) (element-type FerrydId): an empty set; what is added is copied. */
GHashTable *ferryd_id_set_new (void);
gboolean ferryd_id_set_add (GHashTable *set, const FerrydId *id);

G_END_DECLS
