/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-vault.h"

#include <libsecret/secret.h>

#include "ferryd-library.h"

#define SONAME "libsecret-1.so.0"
#define BUS_NAME "org.freedesktop.secrets"

/* Seconds: what the contract grants it. */
#define PATIENCE 5

/* Seconds that one is left alone which did not answer in time: everybody waits for the store. */
#define SULK 60

/* Items that are looked for one by one; more are found in a list of all. */
#define MAX_SINGLE 8

/* What an item is found by, in the keyring's own attributes. */
#define ATTRIBUTE_STORE "store"
#define ATTRIBUTE_NUMBER "number"

static const SecretSchema schema = {
  "org.ferry.Transfer1",
  SECRET_SCHEMA_NONE,
  {
      { ATTRIBUTE_STORE, SECRET_SCHEMA_ATTRIBUTE_STRING },
      { ATTRIBUTE_NUMBER, SECRET_SCHEMA_ATTRIBUTE_STRING },
  },
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
};

typedef struct
{
  __typeof__ (secret_service_get_type) *secret_service_get_type;
  __typeof__ (secret_service_open) *secret_service_open;
  __typeof__ (secret_service_open_finish) *secret_service_open_finish;
  __typeof__ (secret_service_search) *secret_service_search;
  __typeof__ (secret_service_search_finish) *secret_service_search_finish;
  __typeof__ (secret_collection_for_alias) *secret_collection_for_alias;
  __typeof__ (secret_collection_for_alias_finish) *secret_collection_for_alias_finish;
  __typeof__ (secret_collection_get_locked) *secret_collection_get_locked;
  __typeof__ (secret_item_create) *secret_item_create;
  __typeof__ (secret_item_create_finish) *secret_item_create_finish;
  __typeof__ (secret_item_delete) *secret_item_delete;
  __typeof__ (secret_item_delete_finish) *secret_item_delete_finish;
  __typeof__ (secret_item_get_attributes) *secret_item_get_attributes;
  __typeof__ (secret_item_get_locked) *secret_item_get_locked;
  __typeof__ (secret_item_get_secret) *secret_item_get_secret;
  __typeof__ (secret_value_new) *secret_value_new;
  __typeof__ (secret_value_get_text) *secret_value_get_text;
  __typeof__ (secret_value_unref) *secret_value_unref;
} Library;

struct _FerrydVault
{
  char *store;           /* (owned): whose secrets these are */
  GMainContext *context; /* (owned): where answers are waited for */
  Library library;
  gboolean loaded;           /* @library is there */
  GCancellable *cancellable; /* (owned) (nullable): ends everything when time is over; NULL while resting */
  GSource *timeout;          /* (owned) (nullable): cancels it */
  gboolean tried;            /* to open @service since it last rested */
  SecretService *service;    /* (owned) (nullable): NULL where there is none, and while resting */
  SecretCollection *keyring; /* (owned) (nullable): the default collection */
  gint64 sulks_until;        /* monotonic microseconds */
};

static gboolean
load (Library *library)
{
  static const FerrydSymbol symbols[] = {
    FERRYD_SYMBOL (Library, secret_service_get_type),
    FERRYD_SYMBOL (Library, secret_service_open),
    FERRYD_SYMBOL (Library, secret_service_open_finish),
    FERRYD_SYMBOL (Library, secret_service_search),
    FERRYD_SYMBOL (Library, secret_service_search_finish),
    FERRYD_SYMBOL (Library, secret_collection_for_alias),
    FERRYD_SYMBOL (Library, secret_collection_for_alias_finish),
    FERRYD_SYMBOL (Library, secret_collection_get_locked),
    FERRYD_SYMBOL (Library, secret_item_create),
    FERRYD_SYMBOL (Library, secret_item_create_finish),
    FERRYD_SYMBOL (Library, secret_item_delete),
    FERRYD_SYMBOL (Library, secret_item_delete_finish),
    FERRYD_SYMBOL (Library, secret_item_get_attributes),
    FERRYD_SYMBOL (Library, secret_item_get_locked),
    FERRYD_SYMBOL (Library, secret_item_get_secret),
    FERRYD_SYMBOL (Library, secret_value_new),
    FERRYD_SYMBOL (Library, secret_value_get_text),
    FERRYD_SYMBOL (Library, secret_value_unref),
  };
  g_autoptr (GError) error = NULL;

  if (ferryd_library_load (SONAME, symbols, G_N_ELEMENTS (symbols), library, &error))
    return TRUE;
  g_message ("The keyring is not used: %s", error->message);
  return FALSE;
}

/**
 * ferryd_vault_new:
 * @store: whose secrets these are: the state directory
 *
 * Returns: (transfer full): a vault, at which nobody has looked yet
 */
FerrydVault *
ferryd_vault_new (const char *store)
{
  FerrydVault *self = g_new0 (FerrydVault, 1);

  self->store = g_strdup (store);
  self->context = g_main_context_new ();
  return self;
}

/**
 * ferryd_vault_rest:
 * @self: a vault
 *
 * Lets go of the Secret Service until the next call, which has its full time again.
 */
void
ferryd_vault_rest (FerrydVault *self)
{
  if (self->cancellable == NULL)
    return;
  g_main_context_push_thread_default (self->context);
  g_clear_object (&self->keyring);
  g_clear_object (&self->service);
  g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
  g_clear_object (&self->cancellable);
  self->tried = FALSE;
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  g_main_context_pop_thread_default (self->context);
}

/**
 * ferryd_vault_free:
 * @self: (transfer full) (nullable): a vault
 */
void
ferryd_vault_free (FerrydVault *self)
{
  if (self == NULL)
    return;
  ferryd_vault_rest (self);
  g_main_context_unref (self->context);
  g_free (self->store);
  g_free (self);
}

/* Waiting. */

static gboolean
on_time_over (gpointer user_data)
{
  FerrydVault *self = user_data;

  g_message ("The keyring does not answer; it is left alone for a while");
  self->sulks_until = g_get_monotonic_time () + SULK * G_TIME_SPAN_SECOND;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

/* (transfer full): what came to @place; never NULL, as everything ends when time is over. */
static GAsyncResult *
await (FerrydVault *self, GAsyncResult **place)
{
  while (*place == NULL)
    g_main_context_iteration (self->context, TRUE);
  return g_steal_pointer (place);
}

/* Where nobody has the name, nobody is started for us. */
static gboolean
is_there (FerrydVault *self)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, self->cancellable, NULL);
  g_autoptr (GVariant) reply = NULL;
  gboolean has_owner = FALSE;

  if (bus == NULL)
    return FALSE;
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "NameHasOwner",
                                       g_variant_new ("(s)", BUS_NAME), G_VARIANT_TYPE ("(b)"),
                                       G_DBUS_CALL_FLAGS_NONE, PATIENCE * 1000, self->cancellable, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static void
open_service (FerrydVault *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GError) error = NULL;

  self->library.secret_service_open (self->library.secret_service_get_type (), NULL,
                                     SECRET_SERVICE_OPEN_SESSION, self->cancellable, on_result, &place);
  result = await (self, &place);
  self->service = self->library.secret_service_open_finish (result, &error);
  g_clear_object (&result);
  if (self->service == NULL)
    {
      g_debug ("No session with the keyring: %s", error->message);
      return;
    }
  self->library.secret_collection_for_alias (self->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                             self->cancellable, on_result, &place);
  result = await (self, &place);
  self->keyring = self->library.secret_collection_for_alias_finish (result, NULL);
}

/* Whether the Secret Service can be asked. Each use of it begins here, with our context in place. */
static gboolean
enter (FerrydVault *self)
{
  g_main_context_push_thread_default (self->context);
  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      self->timeout = g_timeout_source_new_seconds (PATIENCE);
      g_source_set_callback (self->timeout, on_time_over, self, NULL);
      g_source_set_static_name (self->timeout, "[ferryd] keyring");
      g_source_attach (self->timeout, self->context);
    }
  if (!self->tried && g_get_monotonic_time () >= self->sulks_until && is_there (self))
    {
      if (!self->loaded)
        self->loaded = load (&self->library);
      if (self->loaded)
        open_service (self);
    }
  self->tried = TRUE;
  return self->service != NULL && !g_cancellable_is_cancelled (self->cancellable);
}

static void
leave (FerrydVault *self)
{
  g_main_context_pop_thread_default (self->context);
}

static gboolean
is_unlocked (FerrydVault *self)
{
  return self->keyring != NULL && !self->library.secret_collection_get_locked (self->keyring);
}

/* (transfer full): attributes of one item, or with 0 of all of this store. */
static GHashTable *
make_attributes (FerrydVault *self, gint64 number)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (attributes, (char *) ATTRIBUTE_STORE, g_strdup (self->store));
  if (number != 0)
    g_hash_table_insert (attributes, (char *) ATTRIBUTE_NUMBER,
                         g_strdup_printf ("%" G_GINT64_FORMAT, number));
  return attributes;
}

static gboolean
create_item (FerrydVault *self, gint64 number, GVariant *value)
{
  g_autoptr (GHashTable) attributes = make_attributes (self, number);
  g_autofree char *text = g_variant_print (value, TRUE);
  SecretValue *secret = self->library.secret_value_new (text, -1, "text/plain");
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (SecretItem) item = NULL;
  g_autoptr (GError) error = NULL;

  self->library.secret_item_create (self->keyring, &schema, attributes, "Ferry: credentials of a transfer",
                                    secret, SECRET_ITEM_CREATE_NONE, self->cancellable, on_result, &place);
  self->library.secret_value_unref (secret);
  result = await (self, &place);
  item = self->library.secret_item_create_finish (result, &error);
  if (item == NULL)
    g_message ("The keyring does not take a secret, which is kept in a file instead: %s", error->message);
  return item != NULL;
}

/**
 * ferryd_vault_add:
 * @self: a vault
 * @number: what to find it by
 * @value: what is secret of an operation
 *
 * Returns: whether it is kept there now; where not, it has to be kept elsewhere
 */
gboolean
ferryd_vault_add (FerrydVault *self, gint64 number, GVariant *value)
{
  gboolean added = enter (self) && is_unlocked (self) && create_item (self, number, value);

  leave (self);
  return added;
}

/* (transfer full) (element-type SecretItem): NULL with @failed where they could not be asked for. */
static GList *
search (FerrydVault *self, gint64 number, SecretSearchFlags flags, gboolean *failed)
{
  g_autoptr (GHashTable) attributes = make_attributes (self, number);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GError) error = NULL;
  GList *items;

  self->library.secret_service_search (self->service, &schema, attributes, flags, self->cancellable,
                                       on_result, &place);
  result = await (self, &place);
  items = self->library.secret_service_search_finish (self->service, result, &error);
  *failed = error != NULL;
  return items;
}

static GVariant *
read_item (FerrydVault *self, SecretItem *item)
{
  SecretValue *secret = self->library.secret_item_get_secret (item);
  const char *text = secret != NULL ? self->library.secret_value_get_text (secret) : NULL;
  GVariant *value = text != NULL ? g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL) : NULL;

  if (secret != NULL)
    self->library.secret_value_unref (secret);
  return value;
}

static FerrydVaultVerdict
find_item (FerrydVault *self, gint64 number, GVariant **value)
{
  gboolean failed;
  GList *items = search (self, number, SECRET_SEARCH_LOAD_SECRETS, &failed);
  gboolean locked = items != NULL && self->library.secret_item_get_locked (items->data);

  if (items != NULL && !locked)
    *value = read_item (self, items->data);
  /* Some show nothing of what is locked. */
  if (failed || locked || (items == NULL && !is_unlocked (self)))
    {
      g_list_free_full (items, g_object_unref);
      return FERRYD_VAULT_AWAY;
    }
  g_list_free_full (items, g_object_unref);
  return *value != NULL ? FERRYD_VAULT_FOUND : FERRYD_VAULT_LOST;
}

/**
 * ferryd_vault_get:
 * @self: a vault
 * @number: of a secret
 * @value: (out) (transfer full) (nullable): it
 *
 * Returns: whether it is there
 */
FerrydVaultVerdict
ferryd_vault_get (FerrydVault *self, gint64 number, GVariant **value)
{
  FerrydVaultVerdict verdict = FERRYD_VAULT_AWAY;

  *value = NULL;
  if (enter (self))
    verdict = find_item (self, number, value);
  leave (self);
  return verdict;
}

/* A locked item is left where it is: deleting it would ask somebody. */
static gboolean
delete_item (FerrydVault *self, SecretItem *item)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;

  if (self->library.secret_item_get_locked (item))
    return FALSE;
  self->library.secret_item_delete (item, self->cancellable, on_result, &place);
  result = await (self, &place);
  return self->library.secret_item_delete_finish (item, result, NULL);
}

static gboolean
is_meant (FerrydVault *self, SecretItem *item, GHashTable *numbers, gboolean all_but)
{
  g_autoptr (GHashTable) attributes = self->library.secret_item_get_attributes (item);
  const char *text = g_hash_table_lookup (attributes, ATTRIBUTE_NUMBER);
  gint64 number = text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;

  return g_hash_table_contains (numbers, &number) != all_but;
}

static gboolean
delete_items (FerrydVault *self, gint64 number, GHashTable *numbers, gboolean all_but)
{
  gboolean failed;
  GList *items = search (self, number, number != 0 ? SECRET_SEARCH_NONE : SECRET_SEARCH_ALL, &failed);
  gboolean deleted = !failed && (items != NULL || is_unlocked (self));

  for (GList *l = items; l != NULL; l = l->next)
    {
      if (is_meant (self, l->data, numbers, all_but) && !delete_item (self, l->data))
        deleted = FALSE;
    }
  g_list_free_full (items, g_object_unref);
  return deleted;
}

/**
 * ferryd_vault_erase:
 * @self: a vault
 * @numbers: (element-type gint64 gint64): secrets
 * @all_but: erase the others of this store
 *
 * Returns: whether they are gone
 */
gboolean
ferryd_vault_erase (FerrydVault *self, GHashTable *numbers, gboolean all_but)
{
  gboolean erased = enter (self);
  GHashTableIter iter;
  gpointer number;

  if (erased && (all_but || g_hash_table_size (numbers) > MAX_SINGLE))
    erased = delete_items (self, 0, numbers, all_but);
  else if (erased)
    {
      g_hash_table_iter_init (&iter, numbers);
      while (g_hash_table_iter_next (&iter, &number, NULL))
        erased = delete_items (self, *(gint64 *) number, numbers, FALSE) && erased;
    }
  leave (self);
  return erased;
}
