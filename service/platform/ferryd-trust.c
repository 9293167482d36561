/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-trust.h"

#include <string.h>
#include <unistd.h>

#include "ferryd-memory-file.h"

#define FINGERPRINT_PREFIX "sha256:"

struct _FerrydTrust
{
  GTlsDatabase *additional; /* (owned) (nullable): authorities trusted beside the system's */
  char *fingerprint;        /* (owned) (nullable): hex digits of the only certificate that is right */
  gboolean broken;          /* there are additional authorities, but they could not be read */
};

/* GIO reads authorities from files only, so this one is in memory. */
static GTlsDatabase *
read_authorities (const char *pem)
{
  const char *const texts[] = { pem, NULL };
  int fd = ferryd_memory_file_new ("ferry-authorities", texts);
  g_autofree char *path = ferryd_memory_file_get_path (fd);
  g_autoptr (GError) error = NULL;
  GTlsDatabase *database = NULL;

  if (fd >= 0)
    database = g_tls_file_database_new (path, &error);
  if (fd >= 0)
    close (fd);
  if (database == NULL)
    g_message ("The certificates of an operation cannot be read: %s",
               error != NULL ? error->message : "no memory for them");
  return database;
}

/**
 * ferryd_trust_new:
 * @peers: (nullable): what an operation says of trust
 *
 * Returns: (transfer full): whom to believe in a session of it
 */
FerrydTrust *
ferryd_trust_new (const FerrydPeers *peers)
{
  FerrydTrust *self = g_new0 (FerrydTrust, 1);

  if (peers == NULL)
    return self;
  if (peers->fingerprint != NULL && g_str_has_prefix (peers->fingerprint, FINGERPRINT_PREFIX))
    self->fingerprint = g_strdup (peers->fingerprint + strlen (FINGERPRINT_PREFIX));
  else if (peers->ca_certificates != NULL)
    {
      self->additional = read_authorities (peers->ca_certificates);
      self->broken = self->additional == NULL;
    }
  return self;
}

/**
 * ferryd_trust_free:
 * @self: (transfer full): trust
 */
void
ferryd_trust_free (FerrydTrust *self)
{
  g_clear_object (&self->additional);
  g_free (self->fingerprint);
  g_free (self);
}

/**
 * ferryd_trust_is_pinned:
 * @self: trust
 *
 * Returns: whether only one certificate is right
 */
gboolean
ferryd_trust_is_pinned (FerrydTrust *self)
{
  return self->fingerprint != NULL;
}

static gboolean
has_fingerprint (GTlsCertificate *certificate, const char *fingerprint)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *found = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return FALSE;
  found = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  return g_str_equal (found, fingerprint);
}

/* What the additional authorities make of it. A revocation is the server's own word and stays. */
static GTlsCertificateFlags
verify (GTlsDatabase *database, GTlsCertificate *certificate, GTlsCertificateFlags errors, GUri *uri)
{
  g_autoptr (GSocketConnectable) identity =
      g_network_address_new (g_uri_get_host (uri), (guint16) MAX (g_uri_get_port (uri), 0));
  g_autoptr (GError) error = NULL;
  GTlsCertificateFlags found =
      g_tls_database_verify_chain (database, certificate, G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
                                   identity, NULL, G_TLS_DATABASE_VERIFY_NONE, NULL, &error);

  if (error != NULL)
    return errors;
  return found | (errors & G_TLS_CERTIFICATE_REVOKED);
}

/**
 * ferryd_trust_judge:
 * @self: trust
 * @certificate: (nullable): a server's, with its chain
 * @errors: what is wrong with it by the system's trust
 * @uri: what the server is asked for
 *
 * Returns: what is wrong with it by this trust, 0 where it is believed
 */
GTlsCertificateFlags
ferryd_trust_judge (FerrydTrust *self, GTlsCertificate *certificate, GTlsCertificateFlags errors, GUri *uri)
{
  if (certificate == NULL)
    return G_TLS_CERTIFICATE_GENERIC_ERROR;
  if (self->fingerprint != NULL)
    return has_fingerprint (certificate, self->fingerprint) ? 0 : G_TLS_CERTIFICATE_UNKNOWN_CA;
  if (self->broken)
    return errors | G_TLS_CERTIFICATE_UNKNOWN_CA;
  if (self->additional != NULL && (errors & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return verify (self->additional, certificate, errors, uri);
  return errors;
}
