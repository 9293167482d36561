/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferry-download-private.h"

#include "ferry-names.h"
#include "ferry-operation-private.h"

/**
 * FerryDownload:
 *
 * A #FerryOperation from a server into a file.
 */
struct _FerryDownload
{
  FerryOperation parent_instance;
};

struct _FerryDownloadClass
{
  FerryOperationClass parent_class;
};

enum
{
  SIGNAL_RANGES_DOWNLOADED,
  N_SIGNALS,
};

static guint download_signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryDownload, ferry_download, FERRY_TYPE_OPERATION)

static void
ferry_download_heard (FerryOperation *operation, const char *interface, const char *member,
                      GVariant *parameters)
{
  g_autoptr (GVariant) added = NULL;
  gboolean restarted;

  if (!g_str_equal (member, "RangesDownloaded") ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(a(tt)b)")))
    return;
  g_variant_get (parameters, "(@a(tt)b)", &added, &restarted);
  g_signal_emit (operation, download_signals[SIGNAL_RANGES_DOWNLOADED], 0, added, restarted);
}

static void
ferry_download_class_init (FerryDownloadClass *klass)
{
  guint n_specs;
  const FerryPropertySpec *specs = ferry_operation_get_specs (&n_specs);

  FERRY_OPERATION_CLASS (klass)->heard = ferry_download_heard;
  FERRY_OPERATION_CLASS (klass)->interface = FERRY_DOWNLOAD_OPERATION_INTERFACE;
  /* The base class knows the values of every kind. */
  G_OBJECT_CLASS (klass)->get_property = G_OBJECT_CLASS (ferry_download_parent_class)->get_property;
  ferry_property_install (specs, n_specs, FERRY_DOWNLOAD_OPERATION_INTERFACE, G_OBJECT_CLASS (klass));

  /**
   * FerryDownload::ranges-downloaded:
   * @added: an a(tt) of offset and length
   * @restarted: whether everything held before is void
   *
   * There is more data to read.
   */
  download_signals[SIGNAL_RANGES_DOWNLOADED] =
      g_signal_new ("ranges-downloaded", FERRY_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_VARIANT, G_TYPE_BOOLEAN);
}

static void
ferry_download_init (FerryDownload *self)
{
}

/**
 * ferry_download_new:
 * @bus: (transfer none): where it is
 * @path: its object path, which no object has yet
 *
 * Returns: (transfer full): a download that knows its id only
 */
FerryDownload *
ferry_download_new (FerryBus *bus, const char *path)
{
  FerryDownload *self = g_object_new (FERRY_TYPE_DOWNLOAD, NULL);

  ferry_operation_bind (FERRY_OPERATION (self), bus, path);
  return self;
}

/**
 * ferry_download_get_destination:
 * @self: a download
 *
 * Returns: (transfer none): the path asked for, until the last step makes it the real one; a `file:` URI
 * where the name is not UTF-8
 */
const char *
ferry_download_get_destination (FerryDownload *self)
{
  return ferry_operation_peek_string (FERRY_OPERATION (self), "Destination");
}

/**
 * ferry_download_get_suggested_name:
 * @self: a download
 *
 * Returns: (transfer none): a safe file name, by the server or the URI
 */
const char *
ferry_download_get_suggested_name (FerryDownload *self)
{
  return ferry_operation_peek_string (FERRY_OPERATION (self), "SuggestedName");
}
