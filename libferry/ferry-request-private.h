/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferry-request.h"

G_BEGIN_DECLS

#define FERRY_REQUEST_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), FERRY_TYPE_REQUEST, FerryRequestClass))

#define FERRY_REQUEST_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), FERRY_TYPE_REQUEST, FerryRequestClass))

/**
 * FerryRequestCall:
 * @method: (static): of the factory's interface
 * @parameters: (owned): its arguments
 * @descriptors: (owned) (nullable): what their handles index
 * @once: they have a stream among them, which cannot be read again for a second call
 *
 * The call that a request is.
 */
typedef struct
{
  const char *method;
  GVariant *parameters;
  GUnixFDList *descriptors;
  gboolean once;
} FerryRequestCall;

struct _FerryRequest
{
  GObject parent_instance;

  char *uri;            /* (owned) */
  GVariantDict options; /* by key of the contract */
  GUnixFDList *fds;     /* (owned) (nullable): descriptors that options index */
};

struct _FerryRequestClass
{
  GObjectClass parent_class;

  /* Says which call @self is, given its @options. @call is all zero but for the request's own descriptors.
   * FALSE with @error where something it needs of this process cannot be had. */
  gboolean (*make_call) (FerryRequest *self, GVariant *options, FerryRequestCall *call, GError **error);
};

gboolean ferry_request_make_call (FerryRequest *self, FerryRequestCall *call, GError **error);
void ferry_request_call_clear (FerryRequestCall *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryRequestCall, ferry_request_call_clear)

gboolean ferry_request_append_descriptor (GUnixFDList **list, int fd, GVariant **handle, GError **error);
gboolean ferry_request_append_stream (GUnixFDList **list, GInputStream *stream, GVariant **handle,
                                      GError **error);
char *ferry_request_name_file (GFile *file, gboolean folder);

G_END_DECLS
