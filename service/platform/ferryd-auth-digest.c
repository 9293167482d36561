/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-auth-digest.h"

#include <string.h>

struct _FerrydAuthDigest
{
  SoupAuth parent_instance;

  char *nonce;         /* (owned): the server's */
  char *opaque;        /* (owned) (nullable): goes back as it came */
  gboolean is_session; /* SHA-256-sess */
  gboolean has_qop;    /* the server protects with a counter */
  guint count;         /* requests with this nonce */

  char *user;   /* (owned) (nullable): NULL before user and password are known */
  char *secret; /* (owned) (nullable): hash of user, realm and password */
  char *cnonce; /* (owned) (nullable): ours */
};

G_DEFINE_FINAL_TYPE (FerrydAuthDigest, ferryd_auth_digest, SOUP_TYPE_AUTH)

/* (transfer full): the hash of the texts with colons in between, up to NULL. */
static char *hash (const char *first, ...) G_GNUC_NULL_TERMINATED;

static char *
hash (const char *first, ...)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  va_list texts;

  va_start (texts, first);
  for (const char *text = first; text != NULL; text = va_arg (texts, const char *))
    {
      if (text != first)
        g_checksum_update (checksum, (const guchar *) ":", 1);
      g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text));
    }
  va_end (texts);
  return g_strdup (g_checksum_get_string (checksum));
}

static void
forget (FerrydAuthDigest *self)
{
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->secret, g_free);
  g_clear_pointer (&self->cnonce, g_free);
}

static gboolean
offers_auth (const char *qop)
{
  g_autoptr (GSList) values = soup_header_parse_list (qop);
  gboolean found = g_slist_find_custom (values, "auth", (GCompareFunc) g_ascii_strcasecmp) != NULL;

  soup_header_free_list (g_steal_pointer (&values));
  return found;
}

static gboolean
auth_digest_update (SoupAuth *auth, SoupMessage *message, GHashTable *parameters)
{
  FerrydAuthDigest *self = FERRYD_AUTH_DIGEST (auth);
  const char *algorithm = g_hash_table_lookup (parameters, "algorithm");
  const char *nonce = g_hash_table_lookup (parameters, "nonce");
  const char *qop = g_hash_table_lookup (parameters, "qop");
  const char *stale = g_hash_table_lookup (parameters, "stale");

  if (algorithm == NULL || nonce == NULL || soup_auth_get_realm (auth) == NULL ||
      (qop != NULL && !offers_auth (qop)))
    return FALSE;
  self->is_session = g_ascii_strcasecmp (algorithm, "SHA-256-sess") == 0;
  if (!self->is_session && g_ascii_strcasecmp (algorithm, "SHA-256") != 0)
    return FALSE;
  g_free (self->nonce);
  self->nonce = g_strdup (nonce);
  g_free (self->opaque);
  self->opaque = g_strdup (g_hash_table_lookup (parameters, "opaque"));
  self->has_qop = qop != NULL;
  self->count = 0;
  if (stale == NULL || g_ascii_strcasecmp (stale, "true") != 0)
    forget (self);
  return TRUE;
}

/* Of one credential for one origin all is protected that asks for it. */
static GSList *
auth_digest_get_protection_space (SoupAuth *auth, GUri *uri)
{
  return g_slist_prepend (NULL, g_strdup (""));
}

static void
auth_digest_authenticate (SoupAuth *auth, const char *user, const char *password)
{
  FerrydAuthDigest *self = FERRYD_AUTH_DIGEST (auth);

  forget (self);
  self->user = g_strdup (user);
  self->secret = hash (user, soup_auth_get_realm (auth), password, NULL);
  self->cnonce = g_uuid_string_random ();
}

static gboolean
auth_digest_is_authenticated (SoupAuth *auth)
{
  return FERRYD_AUTH_DIGEST (auth)->user != NULL;
}

/* (transfer full): what is asked for, as in the request line. */
static char *
get_target (SoupMessage *message)
{
  GUri *uri = soup_message_get_uri (message);

  if (g_str_equal (soup_message_get_method (message), "CONNECT"))
    return g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));
  return g_strconcat (g_uri_get_path (uri), g_uri_get_query (uri) != NULL ? "?" : "", g_uri_get_query (uri),
                      NULL);
}

static char *
make_response (FerrydAuthDigest *self, SoupMessage *message, const char *target, const char *count)
{
  g_autofree char *session =
      self->is_session ? hash (self->secret, self->nonce, self->cnonce, NULL) : g_strdup (self->secret);
  g_autofree char *asked = hash (soup_message_get_method (message), target, NULL);

  if (self->has_qop)
    return hash (session, self->nonce, count, self->cnonce, "auth", asked, NULL);
  return hash (session, self->nonce, asked, NULL);
}

static void
append (GString *text, const char *name, const char *value)
{
  g_string_append (text, ", ");
  soup_header_g_string_append_param_quoted (text, name, value);
}

static char *
auth_digest_get_authorization (SoupAuth *auth, SoupMessage *message)
{
  FerrydAuthDigest *self = FERRYD_AUTH_DIGEST (auth);
  g_autofree char *count = g_strdup_printf ("%08x", ++self->count);
  g_autofree char *target = get_target (message);
  g_autofree char *response = make_response (self, message, target, count);
  GString *text = g_string_new ("Digest ");

  soup_header_g_string_append_param_quoted (text, "username", self->user);
  append (text, "realm", soup_auth_get_realm (auth));
  append (text, "nonce", self->nonce);
  append (text, "uri", target);
  append (text, "response", response);
  g_string_append_printf (text, ", algorithm=SHA-256%s", self->is_session ? "-sess" : "");
  if (self->has_qop || self->is_session)
    append (text, "cnonce", self->cnonce);
  if (self->has_qop)
    g_string_append_printf (text, ", qop=auth, nc=%s", count);
  if (self->opaque != NULL)
    append (text, "opaque", self->opaque);
  return g_string_free (text, FALSE);
}

static void
ferryd_auth_digest_finalize (GObject *object)
{
  FerrydAuthDigest *self = FERRYD_AUTH_DIGEST (object);

  forget (self);
  g_free (self->nonce);
  g_free (self->opaque);
  G_OBJECT_CLASS (ferryd_auth_digest_parent_class)->finalize (object);
}

static void
ferryd_auth_digest_class_init (FerrydAuthDigestClass *klass)
{
  SoupAuthClass *auth_class = SOUP_AUTH_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ferryd_auth_digest_finalize;
  auth_class->scheme_name = "Digest";
  auth_class->strength = 6; /* before libsoup's own with MD5, which has 5 */
  auth_class->update = auth_digest_update;
  auth_class->get_protection_space = auth_digest_get_protection_space;
  auth_class->authenticate = auth_digest_authenticate;
  auth_class->is_authenticated = auth_digest_is_authenticated;
  auth_class->get_authorization = auth_digest_get_authorization;
}

static void
ferryd_auth_digest_init (FerrydAuthDigest *self)
{
}
