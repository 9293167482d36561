/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-transfer-private.h"

/* Where a validator is weak or missing, so much of what is held is fetched again and compared before anything
 * is appended (contract, decision 6). Bytes. */
#define OVERLAP (64 * 1024)

/* To fetch less than this beside the rest costs more, in a request and a connection that begins slowly, than
 * it saves. Bytes. */
#define MIN_PART (256 * 1024)

/* Of a fetch that has been under way for so long it is known what it is worth. Microseconds. */
#define KNOWN_AFTER (2 * G_USEC_PER_SEC)

/* A fetch loses all of its rest to one that is so many times as fast, if it would need more than so many
 * seconds for it. */
#define MUCH_SLOWER 4
#define LONG_REST 2

/* What comes within so long anyway is not worth another request: microseconds, and bytes at the least. */
#define NEAR_TIME (G_USEC_PER_SEC / 4)
#define NEAR_SIZE (64 * 1024)

static guint64
get_size (const FerrydTransfer *self)
{
  return self->record->total >= 0 ? (guint64) self->record->total : G_MAXINT64;
}

static guint64
get_from (const FerrydTransfer *self)
{
  return self->spec->request->random_access ? self->record->from : 0;
}

/* (transfer full): what is held or is being fetched. */
static FerrydRanges *
copy_taken (const FerrydTransfer *self)
{
  FerrydRanges *taken = ferryd_ranges_copy (ferryd_sink_get_ranges (self->sink));

  for (guint i = 0; i < self->strands->len; i++)
    {
      const FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      ferryd_ranges_add (taken, strand->position, strand->end);
    }
  return taken;
}

/* What neither is: from where it was asked for first, else from the beginning. */
static gboolean
find_gap (FerrydTransfer *self, FerrydRange *gap)
{
  g_autoptr (FerrydRanges) taken = copy_taken (self);

  return ferryd_ranges_next_gap (taken, get_from (self), get_size (self), gap) ||
         ferryd_ranges_next_gap (taken, 0, get_size (self), gap);
}

/**
 * ferryd_transfer_give_back:
 * @self: an attempt, one of whose fetches has come to an end before its time
 *
 * What is now nobody's goes to the fetch before it, where its server is going to send that anyway.
 */
void
ferryd_transfer_give_back (FerrydTransfer *self)
{
  for (guint i = 0; i < self->strands->len; i++)
    {
      FerrydStrand *strand = g_ptr_array_index (self->strands, i);
      g_autoptr (FerrydRanges) taken = NULL;
      FerrydRange gap;

      if (!strand->answered || strand->mode != FERRYD_TRANSFER_FILL || strand->body_end <= strand->end)
        continue;
      taken = copy_taken (self);
      if (ferryd_ranges_next_gap (taken, strand->end, MIN (get_size (self), strand->body_end), &gap) &&
          gap.start == strand->end)
        strand->end = gap.end;
    }
}

/* Seconds that @strand will need for its rest. */
static double
get_rest_time (FerrydStrand *strand, gint64 now)
{
  guint64 rest = strand->end - strand->position;
  guint64 speed = ferryd_speed_get (&strand->speed, now);

  /* While nothing is known of it, as good as any. */
  if (now - strand->begun < KNOWN_AFTER)
    speed = MAX (speed, MIN_PART);
  return (double) rest / (double) MAX (speed, 1);
}

static FerrydStrand *
find_slowest (FerrydTransfer *self, gint64 now)
{
  FerrydStrand *slowest = NULL;

  for (guint i = 0; i < self->strands->len; i++)
    {
      FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      /* One that is just being told its answer cannot be taken away. */
      if (strand->mode == FERRYD_TRANSFER_FILL && strand->position < strand->end &&
          (slowest == NULL || get_rest_time (strand, now) > get_rest_time (slowest, now)))
        slowest = strand;
    }
  return slowest;
}

/* Takes from the fetch that will need longest what @source is likely to have as soon as that one has the
 * rest. */
static gboolean
take_over (FerrydTransfer *self, FerrydSource *source, FerrydRange *gap)
{
  gint64 now = g_get_monotonic_time ();
  FerrydStrand *victim = find_slowest (self, now);
  guint64 rest, speed, other, keep;
  gboolean is_known;

  if (victim == NULL)
    return FALSE;
  rest = victim->end - victim->position;
  speed = ferryd_speed_get (&victim->speed, now);
  other = ferryd_transfer_get_speed (self, source, now);
  is_known = now - victim->begun >= KNOWN_AFTER && other > 0;
  keep = is_known ? (guint64) ((double) rest * ((double) speed / (double) (speed + other))) : rest / 2;
  *gap = (FerrydRange){ victim->position + keep, victim->end };
  if (keep >= MIN_PART && rest - keep >= MIN_PART)
    {
      /* Else that has to wait for the answer. */
      if (self->parts_proved)
        victim->end = gap->start;
      return TRUE;
    }
  /* One that has its answer and nothing of the body may be just being told the answer. */
  if (!is_known || speed * MUCH_SLOWER > other || get_rest_time (victim, now) < LONG_REST ||
      (victim->answered && victim->fetched == 0))
    return FALSE;
  gap->start = victim->position;
  g_ptr_array_remove_fast (self->strands, victim);
  return TRUE;
}

/* The bytes held right before @offset that are to be compared: at most so many as the overlap. */
static guint64
find_overlap (FerrydTransfer *self, guint64 offset)
{
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (ferryd_sink_get_ranges (self->sink), &n);

  for (guint i = 0; i < n; i++)
    {
      if (held[i].start < offset && held[i].end >= offset)
        return MAX (held[i].start, offset - MIN (offset, OVERLAP));
    }
  return offset;
}

/* The same behind @offset. */
static guint64
find_overlap_behind (FerrydTransfer *self, guint64 offset)
{
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (ferryd_sink_get_ranges (self->sink), &n);

  for (guint i = 0; i < n; i++)
    {
      if (held[i].start <= offset && held[i].end > offset)
        return MIN (held[i].end, offset + OVERLAP);
    }
  return offset;
}

/* Nothing is held right before what is to be fetched: what is held elsewhere has to be compared first. */
static void
plan_proof (FerrydStrand *strand, FerrydRange *gap)
{
  guint n;
  const FerrydRange *held = ferryd_ranges_peek (ferryd_sink_get_ranges (strand->transfer->sink), &n);

  strand->mode = FERRYD_TRANSFER_PROVE;
  *gap = (FerrydRange){ find_overlap (strand->transfer, held[0].end), held[0].end };
  strand->compare_until = gap->end;
}

static void
bind (FerrydStrand *strand, FerrydRange *gap, FerrydFetchRequest *request)
{
  FerrydTransfer *self = strand->transfer;
  FerrydBinding binding = ferryd_transfer_get_binding (self, strand->source);

  if (binding == FERRYD_BINDING_VALIDATOR)
    request->if_range = self->record->validator;
  else if (binding == FERRYD_BINDING_OVERLAP || binding == FERRYD_BINDING_ANEW)
    {
      guint64 begin = find_overlap (self, gap->start);

      strand->rebinds = binding == FERRYD_BINDING_ANEW;
      if (strand->rebinds && begin == gap->start)
        {
          plan_proof (strand, gap);
          return;
        }
      strand->compare_until = gap->start;
      strand->compare_from = gap->end;
      gap->start = begin;
      if (!strand->rebinds)
        gap->end = find_overlap_behind (self, gap->end);
    }
}

/* Where the next fetch begins and ends, and what it is bound to. */
static gboolean
plan_fill (FerrydStrand *strand, FerrydFetchRequest *request)
{
  FerrydTransfer *self = strand->transfer;
  guint64 size = get_size (self);
  gboolean is_first = self->strands->len == 0;
  gboolean nothing_held = ferryd_transfer_get_held (self) == 0;
  FerrydRange gap;

  if (is_first && nothing_held)
    {
      request->ranged = self->spec->request->random_access;
      request->first = get_from (self) < size ? (gint64) get_from (self) : 0;
      return TRUE;
    }
  if (is_first && ferryd_transfer_get_binding (self, strand->source) == FERRYD_BINDING_NONE)
    return TRUE;
  if (!find_gap (self, &gap) && !take_over (self, strand->source, &gap))
    return FALSE;
  bind (strand, &gap, request);
  /* Without a validator byte 0 on is the whole, which need not be asked for as a part. */
  if (gap.start == 0 && gap.end == size && request->if_range == NULL)
    return TRUE;
  request->ranged = TRUE;
  request->first = (gint64) gap.start;
  request->last = gap.end < size ? (gint64) gap.end - 1 : -1;
  strand->end = gap.end;
  return TRUE;
}

/* Whether one fetch more makes sense beside those there are. Until it is known that parts can be had, one is
 * asked for to find out. */
static gboolean
has_room (const FerrydTransfer *self)
{
  guint most = self->parts_proved ? self->most_strands : MIN (self->most_strands, 2);

  return self->strands->len < most && self->answered && !self->alone && self->says_size &&
         !self->record->whole_only && self->phase == FERRYD_TRANSFER_FETCHING;
}

/**
 * ferryd_transfer_fetch:
 * @self: an attempt with an open sink and no fetch
 * @mode: what for
 *
 * Asks the transport for what @mode wants, other than to fill.
 */
void
ferryd_transfer_fetch (FerrydTransfer *self, FerrydTransferMode mode)
{
  FerrydFetchRequest request = { .last = -1 };
  FerrydSource *source = ferryd_transfer_choose_source (self);
  FerrydStrand *strand;

  if (source == NULL)
    source = &g_array_index (self->sources, FerrydSource, 0);
  strand = ferryd_strand_new (self, mode, source);
  if (mode == FERRYD_TRANSFER_BEYOND)
    {
      request.first = (gint64) ferryd_ranges_prefix (ferryd_sink_get_ranges (self->sink));
      request.if_range = self->record->validator;
    }
  else
    strand->compare_until = ferryd_transfer_get_held (self);
  self->phase = FERRYD_TRANSFER_FETCHING;
  ferryd_strand_begin (strand, &request);
}

/**
 * ferryd_transfer_fill:
 * @self: an attempt with an open sink
 *
 * Begins as many fetches of what misses as there is room for; the first one whatever comes.
 */
void
ferryd_transfer_fill (FerrydTransfer *self)
{
  while (self->strands->len == 0 || has_room (self))
    {
      FerrydFetchRequest request = { .last = -1 };
      FerrydSource *source = ferryd_transfer_choose_source (self);
      FerrydStrand *strand;

      if (source == NULL)
        return;
      strand = ferryd_strand_new (self, FERRYD_TRANSFER_FILL, source);
      if (!plan_fill (strand, &request))
        {
          ferryd_strand_free (strand);
          return;
        }
      self->phase = FERRYD_TRANSFER_FETCHING;
      ferryd_strand_begin (strand, &request);
    }
}

/**
 * ferryd_strand_take_rest:
 * @strand: a fetch that has just been answered with a part, the first of its attempt
 *
 * What it was begun for is its own from now on.
 *
 * Returns: whether any of that is left
 */
gboolean
ferryd_strand_take_rest (FerrydStrand *strand)
{
  FerrydTransfer *self = strand->transfer;

  for (guint i = 0; i < self->strands->len; i++)
    {
      FerrydStrand *other = g_ptr_array_index (self->strands, i);

      if (other == strand || other->position >= strand->end || other->end <= strand->first)
        continue;
      if (other->position > strand->first)
        return FALSE;
      other->end = strand->first;
    }
  return TRUE;
}

/* Whether @strand will come to @offset soon. */
static gboolean
is_near (const FerrydStrand *strand, guint64 offset)
{
  guint64 speed = ferryd_speed_get (&strand->speed, g_get_monotonic_time ());
  guint64 near = MAX (NEAR_SIZE, speed * NEAR_TIME / G_USEC_PER_SEC);

  return strand->position <= offset && offset < strand->end && offset - strand->position <= near;
}

/**
 * ferryd_strand_is_elsewhere:
 * @strand: a fetch that has just been answered, alone
 *
 * Returns: whether something else was asked for first meanwhile
 */
gboolean
ferryd_strand_is_elsewhere (const FerrydStrand *strand)
{
  FerrydTransfer *self = strand->transfer;
  FerrydRange gap;

  return strand->mode == FERRYD_TRANSFER_FILL && get_from (self) > 0 &&
         ferryd_ranges_next_gap (ferryd_sink_get_ranges (self->sink), get_from (self), get_size (self),
                                 &gap) &&
         !is_near (strand, gap.start);
}

/* Which fetch makes room for one at @target: that which was going to come there, else the last begun. */
static FerrydStrand *
find_in_the_way (FerrydTransfer *self, guint64 target)
{
  FerrydStrand *youngest = NULL;

  for (guint i = 0; i < self->strands->len; i++)
    {
      FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      if (strand->position <= target && target < strand->end)
        return strand;
      if (youngest == NULL || strand->begun >= youngest->begun)
        youngest = strand;
    }
  return youngest;
}

static gboolean
is_coming (const FerrydTransfer *self, guint64 target)
{
  for (guint i = 0; i < self->strands->len; i++)
    {
      const FerrydStrand *strand = g_ptr_array_index (self->strands, i);

      if (strand->mode != FERRYD_TRANSFER_FILL || is_near (strand, target))
        return TRUE;
    }
  return FALSE;
}

/**
 * ferryd_transfer_turn_to:
 * @self: an attempt, none of whose fetches is being told something
 * @offset: what is wanted first
 *
 * Has it fetched from there on at once, unless that is coming anyway.
 */
void
ferryd_transfer_turn_to (FerrydTransfer *self, guint64 offset)
{
  FerrydStrand *in_the_way;
  FerrydRange gap;

  self->record->from = offset;
  if (self->phase != FERRYD_TRANSFER_FETCHING || !self->answered ||
      !ferryd_ranges_next_gap (ferryd_sink_get_ranges (self->sink), offset, get_size (self), &gap) ||
      is_coming (self, gap.start))
    return;
  in_the_way = find_in_the_way (self, gap.start);
  if (in_the_way != NULL && has_room (self) && ferryd_transfer_choose_source (self) != NULL)
    in_the_way->end = gap.start > in_the_way->position ? MIN (in_the_way->end, gap.start) : in_the_way->end;
  else if (in_the_way != NULL)
    {
      self->prefer = in_the_way->source;
      g_ptr_array_remove_fast (self->strands, in_the_way);
    }
  ferryd_transfer_fill (self);
}
