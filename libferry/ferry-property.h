/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerryPropertyType:
 * @FERRY_PROPERTY_STRING: `s` or `o` as a string
 * @FERRY_PROPERTY_ENUM: `s`, a nick, as a GEnum
 * @FERRY_PROPERTY_BOOLEAN: `b`
 * @FERRY_PROPERTY_UINT: `u`
 * @FERRY_PROPERTY_INT64: `t` or `x` as gint64: byte counts, and spans of time in microseconds
 * @FERRY_PROPERTY_TIME: `x`, Unix microseconds, as GDateTime in UTC; NULL for 0
 * @FERRY_PROPERTY_STRV: `as`
 * @FERRY_PROPERTY_VARIANT: anything else, as it came
 *
 * How a D-Bus property is shown as a GObject property.
 */
typedef enum
{
  FERRY_PROPERTY_STRING,
  FERRY_PROPERTY_ENUM,
  FERRY_PROPERTY_BOOLEAN,
  FERRY_PROPERTY_UINT,
  FERRY_PROPERTY_INT64,
  FERRY_PROPERTY_TIME,
  FERRY_PROPERTY_STRV,
  FERRY_PROPERTY_VARIANT,
} FerryPropertyType;

/**
 * FerryPropertySpec:
 * @interface: (static): the D-Bus interface that has it
 * @dbus_name: (static): its name there; unique within a table
 * @dbus_type: (static): its signature there
 * @name: (static): its name as a GObject property
 * @type: how it is converted
 * @enum_type: (nullable): with %FERRY_PROPERTY_ENUM, of which type
 *
 * One row of a table of properties. The GObject property id of row i is i + 1. What an object holds is an
 * array of the same length: for each row the value as it came, or NULL while none has.
 */
typedef struct
{
  const char *interface;
  const char *dbus_name;
  const char *dbus_type;
  const char *name;
  FerryPropertyType type;
  GType (*enum_type) (void);
} FerryPropertySpec;

void ferry_property_install (const FerryPropertySpec *specs, guint n_specs, const char *interface,
                             GObjectClass *klass);
void ferry_property_to_value (const FerryPropertySpec *spec, GVariant *variant, GValue *value);
void ferry_property_update (const FerryPropertySpec *specs, guint n_specs, GVariant **values,
                            const char *interface, GVariant *changed, GObject *object);
GVariant *ferry_property_to_dict (const FerryPropertySpec *specs, guint n_specs, GVariant **values);

G_END_DECLS
