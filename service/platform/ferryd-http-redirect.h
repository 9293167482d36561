/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "ferryd-failure.h"

G_BEGIN_DECLS

/**
 * FerrydHttpChain:
 *
 * The way of one exchange through redirects: where it is now, where it has been, and what may still be taken
 * along.
 */
typedef struct _FerrydHttpChain FerrydHttpChain;

FerrydHttpChain *ferryd_http_chain_new (const char *uri, const char *method);
void ferryd_http_chain_set_origin (FerrydHttpChain *self, const char *origin);
void ferryd_http_chain_free (FerrydHttpChain *self);

GUri *ferryd_http_chain_get_uri (FerrydHttpChain *self);
const char *ferryd_http_chain_get_method (FerrydHttpChain *self);
gboolean ferryd_http_chain_has_left_origin (FerrydHttpChain *self);
gboolean ferryd_http_chain_may_send (FerrydHttpChain *self, const char *header);

gboolean ferryd_http_is_redirect (guint status);
FerrydFailure *ferryd_http_chain_follow (FerrydHttpChain *self, guint status, SoupMessageHeaders *headers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydHttpChain, ferryd_http_chain_free)

G_END_DECLS
