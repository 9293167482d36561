/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-http-redirect.h"
#include "ferryd-transport.h"

G_BEGIN_DECLS

/**
 * FerrydSoupRequest:
 *
 * What a fetch asks, and the messages that ask it at each place of a chain of redirects.
 */
typedef struct _FerrydSoupRequest FerrydSoupRequest;

FerrydSoupRequest *ferryd_soup_request_new (const FerrydFetchRequest *request);
void ferryd_soup_request_free (FerrydSoupRequest *self);

/* Borrowed; good as long as @self. */
const FerrydFetchRequest *ferryd_soup_request_get (FerrydSoupRequest *self);
gboolean ferryd_soup_request_is_conditional (FerrydSoupRequest *self, FerrydHttpChain *chain);
gboolean ferryd_soup_request_sends_entity (FerrydSoupRequest *self, FerrydHttpChain *chain);
SoupMessage *ferryd_soup_request_new_message (FerrydSoupRequest *self, FerrydHttpChain *chain);
SoupMessage *ferryd_soup_request_new_head (FerrydSoupRequest *self, FerrydHttpChain *chain);

G_END_DECLS
