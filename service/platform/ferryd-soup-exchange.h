/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-deadlines.h"
#include "ferryd-failure.h"
#include "ferryd-session-pool.h"

G_BEGIN_DECLS

/**
 * FerrydSoupExchange:
 *
 * One request and the header section of its response, over libsoup, within time limits and under the checks
 * that libsoup does not make. Follows nothing and answers no challenge.
 */
typedef struct _FerrydSoupExchange FerrydSoupExchange;

/**
 * FerrydSoupExchangeHandler:
 * @starting: (nullable): the request has a connection and is about to be written
 * @answered: the final response's header section is there; @stream has its body
 * @failed: there is none
 *
 * Whom an exchange reports to; the last two at most once together, and never from inside a call to the
 * exchange. All may free it.
 */
typedef struct
{
  void (*starting) (gpointer user_data);
  void (*answered) (GInputStream *stream, gpointer user_data);
  void (*failed) (const FerrydFailure *failure, gpointer user_data);
} FerrydSoupExchangeHandler;

/**
 * FerrydSoupLimits:
 * @connect_timeout: milliseconds for name look-up, connecting, proxy and TLS
 * @response_timeout: milliseconds from the request being sent to the end of the response's header section
 * @fresh: the request is to have a connection of its own, which makes asking once more on one no remedy
 *
 * What an exchange is allowed.
 */
typedef struct
{
  guint connect_timeout;
  guint response_timeout;
  gboolean fresh;
} FerrydSoupLimits;

FerrydSoupExchange *ferryd_soup_exchange_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard,
                                              SoupMessage *message, const FerrydSoupLimits *limits,
                                              const FerrydSoupExchangeHandler *handler, gpointer user_data);
void ferryd_soup_exchange_free (FerrydSoupExchange *self);

SoupMessage *ferryd_soup_exchange_get_message (FerrydSoupExchange *self);
gboolean ferryd_soup_exchange_has_connected (FerrydSoupExchange *self);
GSocket *ferryd_soup_exchange_find_socket (FerrydSoupExchange *self);

G_END_DECLS
