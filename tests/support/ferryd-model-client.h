/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-model-server.h"
#include "ferryd-queue-kit.h"

G_BEGIN_DECLS

/**
 * FerrydModelKnown:
 * @state: as last told, or found when everything had settled
 * @asked: verbs whose effect may not have been told yet
 * @priority: as last acknowledged, -1 where a lost call makes that unknown
 * @uncertain: the present queue may not answer what it has recorded of its priority
 * @added: `added` has been emitted
 * @removed: `removed` has been emitted
 *
 * What the world outside knows of an operation.
 */
typedef struct
{
  FerrydId id;
  FerryState state;
  guint asked;
  int priority;
  gboolean uncertain;
  gboolean added;
  gboolean removed;
} FerrydModelKnown;

/**
 * FerrydModelWorld:
 * @kit: a queue and what is around it
 * @rand: (owned): decides everything
 * @server: (owned): where everything comes from
 * @known: (owned) (element-type FerrydId FerrydModelKnown): operations that were heard of
 * @calls: (owned): those not answered yet
 * @created: operations whose creation was answered
 * @completed: of them, that were seen completed
 *
 * Clients of a queue, who remember what they were told.
 */
typedef struct
{
  FerrydQueueKit kit;
  GRand *rand;
  FerrydModelServer *server;
  GHashTable *known;
  GPtrArray *calls;
  guint created;
  guint completed;
} FerrydModelWorld;

guint ferryd_model_draw (FerrydModelWorld *world, guint n);
const char *ferryd_model_draw_application (FerrydModelWorld *world);
FerryState ferryd_model_get_state (FerrydQueue *queue, const FerrydId *id);
FerrydModelKnown *ferryd_model_learn (FerrydModelWorld *world, const FerrydId *id);
void ferryd_model_see (FerrydModelWorld *world, FerrydQueue *queue, FerrydModelKnown *known);
void ferryd_model_watch (FerrydModelWorld *world);

/* Calls, begun and not waited for. */
void ferryd_model_create (FerrydModelWorld *world);
void ferryd_model_verb (FerrydModelWorld *world);
void ferryd_model_for_each (FerrydModelWorld *world, FerryVerb verb, const char *application);
void ferryd_model_edit (FerrydModelWorld *world);
void ferryd_model_group (FerrydModelWorld *world);
void ferryd_model_read (FerrydModelWorld *world);
void ferryd_model_forget_edits (FerrydModelWorld *world);

G_END_DECLS
