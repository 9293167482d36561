/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-soup-exchange.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydSoupSending:
 *
 * What a fetch sends along, at each place of its chain: the entity, whether the server is asked first
 * (RFC 9110 section 10.1.1), and what its caller is told of that.
 */
typedef struct _FerrydSoupSending FerrydSoupSending;

FerrydSoupSending *ferryd_soup_sending_new (const FerrydFetchRequest *request,
                                            const FerrydFetchHandler *handler, gpointer user_data,
                                            GHashTable *silent_origins);
void ferryd_soup_sending_free (FerrydSoupSending *self);

gboolean ferryd_soup_sending_hold_empty (FerrydSoupSending *self);
void ferryd_soup_sending_prepare (FerrydSoupSending *self, SoupMessage *message, FerrydSoupLimits *limits);
void ferryd_soup_sending_repeat (FerrydSoupSending *self);
void ferryd_soup_sending_start (FerrydSoupSending *self, FerrydSoupExchange *exchange);
void ferryd_soup_sending_stop (FerrydSoupSending *self);
void ferryd_soup_sending_take_interim (FerrydSoupSending *self, guint status, SoupMessageHeaders *headers);
void ferryd_soup_sending_release_last (FerrydSoupSending *self);
gboolean ferryd_soup_sending_drop_continue (FerrydSoupSending *self, GUri *uri);
gboolean ferryd_soup_sending_is_whole (FerrydSoupSending *self);

G_END_DECLS
