/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "ferryd-description.h"

G_BEGIN_DECLS

/**
 * FerrydPropertyFlags:
 * @FERRYD_PROPERTY_COMPLETE: its value needs a complete description
 * @FERRYD_PROPERTY_COUNTER: changes all the time while the operation runs
 * @FERRYD_PROPERTY_SILENT: its changes are not told
 * @FERRYD_PROPERTY_CAUSE: says why the operation does not run, which changes with others
 *
 * How a property is to be treated.
 */
typedef enum
{
  FERRYD_PROPERTY_COMPLETE = 1 << 0,
  FERRYD_PROPERTY_COUNTER = 1 << 1,
  FERRYD_PROPERTY_SILENT = 1 << 2,
  FERRYD_PROPERTY_CAUSE = 1 << 3,
} FerrydPropertyFlags;

/**
 * FerrydProperty:
 * @interface: where the property is
 * @name: its name
 * @signature: its type
 * @flags: how it is to be treated
 * @get: (transfer floating): its value for @description, which is complete if the flags ask for it
 *
 * One row of the table that Get, GetAll, List, Watch and PropertiesChanged of operations are made from.
 */
typedef struct
{
  const char *interface;
  const char *name;
  const char *signature;
  FerrydPropertyFlags flags;
  GVariant *(*get) (const FerrydDescription *description);
} FerrydProperty;

/* A set of properties of operations: bit N for row N of the table. */
typedef guint64 FerrydProperties;

#define FERRYD_PROPERTY(index) ((FerrydProperties) 1 << (index))

const FerrydProperty *ferryd_operation_properties_get_table (guint *n_properties);
gboolean ferryd_operation_properties_find (const char *interface, const char *name, guint *index);
FerrydProperties ferryd_operation_properties_of_interface (const char *interface);
FerrydProperties ferryd_operation_properties_of_kind (FerryKind kind);
FerrydProperties ferryd_operation_properties_with_flags (FerrydPropertyFlags flags);
gboolean ferryd_operation_properties_suffice (FerrydProperties properties,
                                              const FerrydDescription *description);
GVariant *ferryd_operation_properties_to_dict (FerrydProperties properties,
                                               const FerrydDescription *description);

G_END_DECLS
