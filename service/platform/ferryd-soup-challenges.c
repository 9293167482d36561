/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-soup-challenges.h"

#include "ferryd-http-failure.h"

/* Challenges to one request, all answered: first, with a stale nonce, and once more to spare. A server that
 * asks again and again is not asked without end. */
#define CHALLENGES_MAX 3

/* Bytes of a challenge's body. libsoup reads it into memory before it asks again. */
#define BODY_MAX (1024 * 1024)

/* Milliseconds between two looks at how long a challenge's body has become, of which libsoup tells nothing.
 */
#define BODY_WATCH 50

struct _FerrydSoupChallenges
{
  FerrydSessionShard *shard; /* (unowned): outlives the challenges */
  SoupMessage *message;      /* (owned) */
  FerrydSoupChallengesFunc give_up;
  gpointer user_data; /* (unowned) */
  FerrydDeadline watch;
  guint n_challenges;       /* so far */
  gboolean answered_server; /* the server has been given the credential */
  gboolean answered_proxy;  /* a proxy has */
};

static gboolean
find_credential (FerrydSoupChallenges *self, SoupAuth *auth, char **user, char **password)
{
  FerrydPeers *peers = ferryd_session_shard_get_peers (self->shard);

  if (soup_auth_is_for_proxy (auth))
    return ferryd_proxy_resolver_find_credential (ferryd_session_shard_get_proxies (self->shard),
                                                  soup_auth_get_authority (auth), user, password);
  if (peers == NULL || peers->server_credential == NULL)
    return FALSE;
  g_variant_get (peers->server_credential, "(ss)", user, password);
  return TRUE;
}

/* Once each: what was not right is not right the second time, and some servers lock out who is wrong too
 * often. A nonce that has become stale libsoup answers by itself. */
static gboolean
challenges_authenticate (SoupMessage *message, SoupAuth *auth, gboolean retrying, FerrydSoupChallenges *self)
{
  gboolean *answered = soup_auth_is_for_proxy (auth) ? &self->answered_proxy : &self->answered_server;
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;

  if (*answered || !find_credential (self, auth, &user, &password))
    return FALSE;
  *answered = TRUE;
  soup_auth_authenticate (auth, user, password);
  return TRUE;
}

static void
give_up (FerrydSoupChallenges *self)
{
  ferryd_deadline_clear (&self->watch);
  self->give_up (ferryd_http_failure_from_status (soup_message_get_status (self->message),
                                                  soup_message_get_response_headers (self->message), TRUE),
                 self->user_data);
}

static void
challenges_watch (gpointer user_data)
{
  FerrydSoupChallenges *self = user_data;
  SoupMessageMetrics *metrics = soup_message_get_metrics (self->message);

  if (soup_message_metrics_get_response_body_bytes_received (metrics) > BODY_MAX)
    give_up (self);
  else
    ferryd_deadline_set (&self->watch, BODY_WATCH);
}

static void
challenges_got_headers (SoupMessage *message, FerrydSoupChallenges *self)
{
  guint status = soup_message_get_status (message);

  if (status != SOUP_STATUS_UNAUTHORIZED && status != SOUP_STATUS_PROXY_UNAUTHORIZED)
    return;
  if (++self->n_challenges > CHALLENGES_MAX)
    give_up (self);
  else
    ferryd_deadline_set (&self->watch, BODY_WATCH);
}

static void
challenges_restarted (SoupMessage *message, FerrydSoupChallenges *self)
{
  ferryd_deadline_clear (&self->watch);
}

/* libsoup (3.2 to at least 3.6) puts the proxy's credential into every request of the session, those that go
 * to the server directly or through a tunnel included. */
static void
challenges_starting (SoupMessage *message, FerrydSoupChallenges *self)
{
  GSocketAddress *address = soup_message_get_remote_address (message);
  gboolean is_for_proxy = g_str_equal (g_uri_get_scheme (soup_message_get_uri (message)), "http") &&
                          G_IS_PROXY_ADDRESS (address) &&
                          g_str_equal (g_proxy_address_get_protocol (G_PROXY_ADDRESS (address)), "http");

  if (!is_for_proxy)
    soup_message_headers_remove (soup_message_get_request_headers (message), "Proxy-Authorization");
}

/**
 * ferryd_soup_challenges_new:
 * @deadlines: outlives the challenges
 * @shard: whose session @message is going to be sent in; outlives the challenges
 * @message: a request, not sent yet
 * @give_up_func: called when there is no end to it
 * @user_data: for @give_up_func
 *
 * Returns: (transfer full): who answers its challenges
 */
FerrydSoupChallenges *
ferryd_soup_challenges_new (FerrydDeadlines *deadlines, FerrydSessionShard *shard, SoupMessage *message,
                            FerrydSoupChallengesFunc give_up_func, gpointer user_data)
{
  FerrydSoupChallenges *self = g_new0 (FerrydSoupChallenges, 1);

  self->shard = shard;
  self->message = g_object_ref (message);
  self->give_up = give_up_func;
  self->user_data = user_data;
  ferryd_deadline_init (&self->watch, deadlines, challenges_watch, self);
  g_signal_connect (message, "authenticate", G_CALLBACK (challenges_authenticate), self);
  g_signal_connect (message, "got-headers", G_CALLBACK (challenges_got_headers), self);
  g_signal_connect (message, "restarted", G_CALLBACK (challenges_restarted), self);
  /* After libsoup's own handler, which adds the header. */
  g_signal_connect_after (message, "starting", G_CALLBACK (challenges_starting), self);
  return self;
}

/**
 * ferryd_soup_challenges_free:
 * @self: (transfer full) (nullable): challenges
 */
void
ferryd_soup_challenges_free (FerrydSoupChallenges *self)
{
  if (self == NULL)
    return;
  ferryd_deadline_clear (&self->watch);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_object_unref (self->message);
  g_free (self);
}
