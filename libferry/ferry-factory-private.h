/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-factory.h"

G_BEGIN_DECLS

#define FERRY_FACTORY_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), FERRY_TYPE_FACTORY, FerryFactoryClass))

#define FERRY_FACTORY_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), FERRY_TYPE_FACTORY, FerryFactoryClass))

struct _FerryFactory
{
  GObject parent_instance;

  GDBusConnection *connection; /* (owned) (nullable): NULL for the session bus */
};

struct _FerryFactoryClass
{
  GObjectClass parent_class;

  const char *path;          /* of the service's object */
  const char *interface;     /* of that */
  GType (*request) (void);   /* the type of what it is asked */
  GType (*operation) (void); /* the type of what it makes */
};

G_END_DECLS
