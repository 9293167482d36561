/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* Before a fetch has run so long, its speed says nothing: connections begin slowly. Microseconds. */
#define SETTLE (3 * G_USEC_PER_SEC)

/* How often a source is weighed against the others. Microseconds. */
#define WEIGH_INTERVAL G_USEC_PER_SEC

/* What will be there within so many seconds is not worth another connection. */
#define WORTH_LEAVING 10

/* Another source has to be so many times as fast: one that is hardly faster would be left again soon. */
#define MUCH_FASTER 2

/**
 * ferryd_transfer_init_sources:
 * @self: a new attempt
 *
 * Its sources are the request's; its own host may be asked once, the others as they are allowed.
 */
void
ferryd_transfer_init_sources (FerrydTransfer *self)
{
  const FerrydRequest *request = self->spec->request;
  g_auto (GStrv) hosts = ferryd_request_get_hosts (request);
  guint own = 1;

  self->sources = g_array_new (FALSE, TRUE, sizeof (FerrydSource));
  for (guint i = 0; i < ferryd_request_count_sources (request); i++)
    {
      const FerrydSource source = {
        .uri = ferryd_request_get_source (request, i),
        .host = ferryd_request_get_host_index (request, (const char *const *) hosts, i),
      };

      g_array_append_val (self->sources, source);
    }
  self->allowed = g_array_new (FALSE, TRUE, sizeof (guint));
  g_array_append_val (self->allowed, own);
  g_array_set_size (self->allowed, g_strv_length (hosts));
  self->most_strands = ferryd_transfer_is_get (self) ? request->connections : 1;
}

/**
 * ferryd_transfer_is_own:
 * @self: an attempt
 * @source: one of its sources
 *
 * Returns: whether it is the operation's own URI
 */
gboolean
ferryd_transfer_is_own (const FerrydTransfer *self, const FerrydSource *source)
{
  return source == &g_array_index (self->sources, FerrydSource, 0);
}

static gboolean
has_proof (const FerrydTransfer *self)
{
  return self->spec->request->checksum != NULL && self->spec->request->expected_size >= 0;
}

/* What makes sure that a part from a mirror belongs to what is held. A date is nothing that two servers have
 * in common. */
static FerrydBinding
get_mirror_binding (const FerrydTransfer *self)
{
  const FerrydProgressRecord *record = self->record;

  if (has_proof (self))
    return FERRYD_BINDING_CHECKSUM;
  return record->validator != NULL && record->validator[0] == '"' && record->total >= 0
             ? FERRYD_BINDING_VALIDATOR
             : FERRYD_BINDING_NONE;
}

/**
 * ferryd_transfer_get_binding:
 * @self: an attempt
 * @source: one of its sources
 *
 * Returns: what makes sure that a part from there belongs to what is held
 */
FerrydBinding
ferryd_transfer_get_binding (FerrydTransfer *self, const FerrydSource *source)
{
  const FerrydProgressRecord *record = self->record;

  if (!ferryd_transfer_is_get (self))
    return FERRYD_BINDING_NONE;
  if (!ferryd_transfer_is_own (self, source))
    return get_mirror_binding (self);
  if (record->uri != NULL && !g_str_equal (record->uri, source->uri))
    return record->total >= 0 ? FERRYD_BINDING_ANEW : FERRYD_BINDING_NONE;
  if (record->whole_only)
    return FERRYD_BINDING_NONE;
  if (record->validator != NULL)
    return FERRYD_BINDING_VALIDATOR;
  return record->total >= 0 ? FERRYD_BINDING_OVERLAP : FERRYD_BINDING_NONE;
}

static guint
count_strands (const FerrydTransfer *self, guint host)
{
  guint n = 0;

  for (guint i = 0; i < self->sources->len; i++)
    {
      const FerrydSource *source = &g_array_index (self->sources, FerrydSource, i);

      if (source->host == host)
        n += source->strands;
    }
  return n;
}

/* Whether one fetch more may be made of @source; @leaving (nullable) makes room for it. */
static gboolean
is_usable (FerrydTransfer *self, const FerrydSource *source, const FerrydStrand *leaving)
{
  guint strands = count_strands (self, source->host);
  FerrydBinding binding = ferryd_transfer_get_binding (self, source);

  if (leaving != NULL && leaving->source->host == source->host)
    strands--;
  if (source->left || source->other || strands >= g_array_index (self->allowed, guint, source->host))
    return FALSE;
  if (self->strands->len == 0)
    return binding != FERRYD_BINDING_NONE || ferryd_transfer_is_own (self, source) ||
           ferryd_transfer_get_held (self) == 0;
  /* Beside others nothing could be compared first. */
  return binding == FERRYD_BINDING_VALIDATOR || binding == FERRYD_BINDING_CHECKSUM ||
         (binding == FERRYD_BINDING_OVERLAP && has_proof (self));
}

/**
 * ferryd_transfer_get_speed:
 * @self: an attempt
 * @source: one of its sources
 * @now: g_get_monotonic_time()
 *
 * Returns: bytes/s of one fetch of it; 0 not known
 */
guint64
ferryd_transfer_get_speed (FerrydTransfer *self, const FerrydSource *source, gint64 now)
{
  guint64 sum = 0;
  guint n = 0;

  for (guint i = 0; i < self->strands->len; i++)
    {
      const FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      if (strand->source != source || now - strand->begun < WEIGH_INTERVAL)
        continue;
      sum += ferryd_speed_get (&strand->speed, now);
      n++;
    }
  return n > 0 ? sum / n : source->speed;
}

/* How much is to be expected of one fetch more: what nobody has tried yet may be the best. But first it has
 * to be known whether the operation's own URI sends parts at all. */
static guint64
get_promise (FerrydTransfer *self, const FerrydSource *source, gint64 now)
{
  guint64 speed = ferryd_transfer_get_speed (self, source, now);

  if (self->strands->len > 0 && !self->parts_proved && ferryd_transfer_is_own (self, source))
    return G_MAXUINT64;
  return speed == 0 && source->strands == 0 ? G_MAXUINT64 : speed;
}

/**
 * ferryd_transfer_choose_source:
 * @self: an attempt
 *
 * Returns: (transfer none) (nullable): the source for one fetch more; %NULL where none may be made
 */
FerrydSource *
ferryd_transfer_choose_source (FerrydTransfer *self)
{
  gint64 now = g_get_monotonic_time ();
  FerrydSource *best = g_steal_pointer (&self->prefer);
  guint64 best_promise = 0;

  if (best != NULL && is_usable (self, best, NULL))
    return best;
  best = NULL;
  for (guint i = 0; i < self->sources->len; i++)
    {
      FerrydSource *source = &g_array_index (self->sources, FerrydSource, i);
      guint64 promise = get_promise (self, source, now);

      if (!is_usable (self, source, NULL))
        continue;
      if (best == NULL || promise > best_promise ||
          (promise == best_promise && source->strands < best->strands))
        {
          best = source;
          best_promise = promise;
        }
    }
  return best;
}

/**
 * ferryd_transfer_leave_source:
 * @self: an attempt
 * @source: a source that is not to be asked again in it
 * @failure: why
 *
 * The first failure is remembered as that of the attempt; one that another attempt could mend makes all of
 * them so.
 */
void
ferryd_transfer_leave_source (FerrydTransfer *self, FerrydSource *source, const FerrydFailure *failure)
{
  source->left = TRUE;
  if (self->refusal == NULL)
    self->refusal = ferryd_failure_copy (failure);
  else if (failure->remedy == FERRYD_REMEDY_RETRY && self->refusal->remedy == FERRYD_REMEDY_FINAL)
    self->refusal->remedy = FERRYD_REMEDY_RETRY;
}

/**
 * ferryd_transfer_may_start_over:
 * @self: an attempt without a fetch that can go on with what is held nowhere
 *
 * Returns: whether a source that has something else is worth to forget what is held
 */
gboolean
ferryd_transfer_may_start_over (FerrydTransfer *self)
{
  /* While another attempt may still go on with it, what is held is worth more. */
  if (self->refusal->remedy != FERRYD_REMEDY_FINAL && !self->spec->is_last)
    return FALSE;
  for (guint i = 0; i < self->sources->len; i++)
    {
      const FerrydSource *source = &g_array_index (self->sources, FerrydSource, i);

      if (!source->left && g_array_index (self->allowed, guint, source->host) > 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_strand_is_outdone:
 * @strand: a fetch that is being told something
 * @now: g_get_monotonic_time()
 *
 * Weighs its source against the others, now and then. Each is tried once where it may be worth that.
 *
 * Returns: whether another source is to be tried in its place
 */
gboolean
ferryd_strand_is_outdone (FerrydStrand *strand, gint64 now)
{
  FerrydTransfer *self = strand->transfer;
  gboolean limited;
  guint64 speed;

  if (self->sources->len == 1 || strand->mode != FERRYD_TRANSFER_FILL || now - strand->begun < SETTLE ||
      now - self->weighed_at < WEIGH_INTERVAL)
    return FALSE;
  self->weighed_at = now;
  /* Its speed says nothing of the source when something else holds it up. */
  limited = strand->limited;
  strand->limited = FALSE;
  if (limited)
    return FALSE;
  speed = MAX (ferryd_speed_get (&strand->speed, now), 1);
  strand->source->speed = speed;
  if ((strand->end - strand->position) / speed < WORTH_LEAVING)
    return FALSE;
  for (guint i = 0; i < self->sources->len; i++)
    {
      FerrydSource *source = &g_array_index (self->sources, FerrydSource, i);

      if (source == strand->source || !is_usable (self, source, strand) ||
          get_promise (self, source, now) / MUCH_FASTER <= speed)
        continue;
      self->prefer = source;
      return TRUE;
    }
  return FALSE;
}

/* The fetch at @host that was begun last: it has the least to lose. */
static FerrydStrand *
find_youngest (const FerrydTransfer *self, guint host)
{
  FerrydStrand *youngest = NULL;

  for (guint i = 0; i < self->strands->len; i++)
    {
      FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      if (strand->source->host == host && (youngest == NULL || strand->begun >= youngest->begun))
        youngest = strand;
    }
  return youngest;
}

/**
 * ferryd_transfer_limit:
 * @self: an attempt, none of whose fetches is being told something
 * @host: one of its hosts
 * @connections: that it may have there from now on
 *
 * Cancels what is too much, but never the only fetch there is.
 *
 * Returns: what it may have from now on: where it keeps its only fetch, one more than it should
 */
guint
ferryd_transfer_limit (FerrydTransfer *self, guint host, guint connections)
{
  while (count_strands (self, host) > connections && self->strands->len > 1)
    g_ptr_array_remove_fast (self->strands, find_youngest (self, host));
  ferryd_transfer_give_back (self);
  connections = MAX (connections, count_strands (self, host));
  g_array_index (self->allowed, guint, host) = connections;
  return connections;
}
