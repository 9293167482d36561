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
 * that libsoup does not make. Follows nothing.
 */
typedef struct _FerrydSoupExchange FerrydSoupExchange;

/**
 * FerrydSoupExchangeHandler:
 * @starting: (nullable): the request has a connection and is about to be written
 * @answered: the final response's header section is there; @stream has its body
 * @failed: there is none
 * @interim: (nullable): an interim response came before it, other than 100
 * @restarted: (nullable): the request is about to be written once more, and libsoup has let go of its body;
 * what was sent of that was refused, or nothing was
 *
 * Whom an exchange reports to; @answered and @failed at most once together, and never from inside a call to
 * the exchange. All may free it.
 */
typedef struct
{
  void (*starting) (gpointer user_data);
  void (*answered) (GInputStream *stream, gpointer user_data);
  void (*failed) (const FerrydFailure *failure, gpointer user_data);
  void (*interim) (guint status, SoupMessageHeaders *headers, gpointer user_data);
  void (*restarted) (gpointer user_data);
} FerrydSoupExchangeHandler;

/**
 * FerrydSoupLimits:
 * @connect_timeout: milliseconds for name look-up, connecting, proxy and TLS
 * @response_timeout: milliseconds from the request being sent to the end of the response's header section
 * @stall_timeout: milliseconds in which the server takes nothing of the request's body
 * @continue_timeout: milliseconds in which 100 has to come before the body is sent, 0 not to ask for that
 * @sends: the request has a body
 * @fresh: the request is to have a connection of its own, which makes asking once more on one no remedy
 *
 * What an exchange is allowed.
 */
typedef struct
{
  guint connect_timeout;
  guint response_timeout;
  guint stall_timeout;
  guint continue_timeout;
  gboolean sends;
  gboolean fresh;
} FerrydSoupLimits;

FerrydSoupExchange *ferryd_soup_exchange_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard,
                                              SoupMessage *message, const FerrydSoupLimits *limits,
                                              const FerrydSoupExchangeHandler *handler, gpointer user_data);
void ferryd_soup_exchange_free (FerrydSoupExchange *self);

SoupMessage *ferryd_soup_exchange_get_message (FerrydSoupExchange *self);
gboolean ferryd_soup_exchange_has_connected (FerrydSoupExchange *self);
GSocket *ferryd_soup_exchange_find_socket (FerrydSoupExchange *self);
char *ferryd_soup_exchange_get_remote_address (FerrydSoupExchange *self);
GSocket *ferryd_soup_exchange_get_plain_socket (FerrydSoupExchange *self);

void ferryd_soup_exchange_has_sent (FerrydSoupExchange *self, gboolean whole);
void ferryd_soup_exchange_set_limited (FerrydSoupExchange *self, gboolean limited);
void ferryd_soup_exchange_give_up (FerrydSoupExchange *self, FerrydFailure *failure);
void ferryd_soup_exchange_hang_up (FerrydSoupExchange *self);
gboolean ferryd_soup_exchange_missed_continue (FerrydSoupExchange *self);

G_END_DECLS
