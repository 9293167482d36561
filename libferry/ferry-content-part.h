/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_CONTENT_PART (ferry_content_part_get_type ())
G_DECLARE_FINAL_TYPE (FerryContentPart, ferry_content_part, FERRY, CONTENT_PART, GObject)

FerryContentPart *ferry_content_part_new (const char *name);

const char *ferry_content_part_get_name (FerryContentPart *self);
void ferry_content_part_set_file (FerryContentPart *self, GFile *file);
void ferry_content_part_set_stream (FerryContentPart *self, GInputStream *stream);
void ferry_content_part_set_text (FerryContentPart *self, const char *text);
void ferry_content_part_set_header (FerryContentPart *self, const char *name, const char *value);
const char *ferry_content_part_get_file_name (FerryContentPart *self);
void ferry_content_part_set_file_name (FerryContentPart *self, const char *file_name);
const char *ferry_content_part_get_content_type (FerryContentPart *self);
void ferry_content_part_set_content_type (FerryContentPart *self, const char *content_type);

G_END_DECLS
