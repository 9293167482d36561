/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-source.h"

G_BEGIN_DECLS

/**
 * FerrydPart:
 * @source: (owned): what is in it
 * @name: (owned) (nullable): of the form's field
 * @file_name: (owned) (nullable): that the server is told
 * @type: (owned) (nullable): media type
 * @headers: (owned) (nullable): a(ss), more fields, checked
 *
 * One part of a multipart entity.
 */
typedef struct
{
  FerrydSource *source;
  char *name;
  char *file_name;
  char *type;
  GVariant *headers;
} FerrydPart;

void ferryd_part_free (FerrydPart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydPart, ferryd_part_free)

/* @parts: (element-type FerrydPart): their sources are taken out of them. @boundary: (nullable): NULL for one
 * that is made. */
GPtrArray *ferryd_multipart_to_sources (const char *subtype, const char *boundary, GPtrArray *parts,
                                        char **type, GError **error);

G_END_DECLS
