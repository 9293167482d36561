/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-auth-basic.h"

#include <string.h>

struct _FerrydAuthBasic
{
  SoupAuth parent_instance;

  char *token; /* (owned) (nullable): what is sent; NULL before user and password are known */
};

G_DEFINE_FINAL_TYPE (FerrydAuthBasic, ferryd_auth_basic, SOUP_TYPE_AUTH)

/* Asked again, so what was sent is wrong. */
static gboolean
auth_basic_update (SoupAuth *auth, SoupMessage *message, GHashTable *parameters)
{
  g_clear_pointer (&FERRYD_AUTH_BASIC (auth)->token, g_free);
  return TRUE;
}

/* The folder that was asked for, and what is below (RFC 7617 section 2.2). */
static GSList *
auth_basic_get_protection_space (SoupAuth *auth, GUri *uri)
{
  const char *path = g_uri_get_path (uri);
  const char *slash = strrchr (path, '/');

  return g_slist_prepend (NULL, g_strndup (path, slash == path ? 1 : slash - path));
}

static void
auth_basic_authenticate (SoupAuth *auth, const char *user, const char *password)
{
  FerrydAuthBasic *self = FERRYD_AUTH_BASIC (auth);
  g_autofree char *both = g_strdup_printf ("%s:%s", user, password);
  g_autofree char *encoded = g_base64_encode ((const guchar *) both, strlen (both));

  g_free (self->token);
  self->token = g_strconcat ("Basic ", encoded, NULL);
}

static gboolean
auth_basic_is_authenticated (SoupAuth *auth)
{
  return FERRYD_AUTH_BASIC (auth)->token != NULL;
}

static char *
auth_basic_get_authorization (SoupAuth *auth, SoupMessage *message)
{
  return g_strdup (FERRYD_AUTH_BASIC (auth)->token);
}

static void
ferryd_auth_basic_finalize (GObject *object)
{
  g_free (FERRYD_AUTH_BASIC (object)->token);
  G_OBJECT_CLASS (ferryd_auth_basic_parent_class)->finalize (object);
}

static void
ferryd_auth_basic_class_init (FerrydAuthBasicClass *klass)
{
  SoupAuthClass *auth_class = SOUP_AUTH_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ferryd_auth_basic_finalize;
  auth_class->scheme_name = "Basic";
  auth_class->strength = 1; /* of libsoup's own, whose place it takes */
  auth_class->update = auth_basic_update;
  auth_class->get_protection_space = auth_basic_get_protection_space;
  auth_class->authenticate = auth_basic_authenticate;
  auth_class->is_authenticated = auth_basic_is_authenticated;
  auth_class->get_authorization = auth_basic_get_authorization;
}

static void
ferryd_auth_basic_init (FerrydAuthBasic *self)
{
}
