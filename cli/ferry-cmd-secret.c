/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ferry-cmd-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <termios.h>
#include <unistd.h>

#include "ferry-cmd-interrupt.h"

/* The terminal of whoever calls, also where standard input is something else. */
#define TERMINAL "/dev/tty"

/* A line of a terminal has no more (N_TTY_BUF_SIZE), and a credential neither. */
#define MAX_LINE 4096

/* Bytes of a file that a credential is read from: what is longer is some other file. */
#define MAX_FILE 16384

/* The one line that is being typed. */
typedef struct
{
  int fd;              /* (unowned): the terminal */
  char line[MAX_LINE]; /* without its end */
  int error_number;    /* errno, 0 for none */
  gboolean done;
} Typing;

static gboolean
on_typed (int fd, GIOCondition condition, gpointer user_data)
{
  Typing *typing = user_data;
  gssize n = read (typing->fd, typing->line, sizeof typing->line - 1);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  typing->error_number = n < 0 ? errno : 0;
  typing->line[MAX (n, 0)] = '\0';
  typing->line[strcspn (typing->line, "\n")] = '\0';
  typing->done = TRUE;
  return G_SOURCE_REMOVE;
}

/* Reads a line, which is not shown, until Ctrl-C. */
static gboolean
type_unseen (Typing *typing)
{
  g_autoptr (FerryCmdInterrupt) interrupt = ferry_cmd_interrupt_new ();
  GCancellable *cancellable = ferry_cmd_interrupt_get_cancellable (interrupt);
  struct termios usual, unseen;
  guint source;

  if (tcgetattr (typing->fd, &usual) < 0)
    {
      typing->error_number = errno;
      return TRUE;
    }
  unseen = usual;
  unseen.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
  unseen.c_lflag |= ICANON;
  (void) tcsetattr (typing->fd, TCSAFLUSH, &unseen);
  source = g_unix_fd_add (typing->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_typed, typing);
  while (!typing->done && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!typing->done)
    g_source_remove (source);
  (void) tcsetattr (typing->fd, TCSAFLUSH, &usual);
  return typing->done;
}

static char *
ask (const char *option, const char *user, GError **error)
{
  Typing typing = { .fd = open (TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY) };
  g_autofree char *question = NULL;
  g_autofree char *answer = NULL;
  gboolean typed;

  if (typing.fd < 0)
    {
      g_set_error (
          error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          _ ("--%s has no password, and there is no terminal to ask on: --%s-file FILE would be right"),
          option, option);
      return NULL;
    }
  question = g_strdup_printf (_ ("Password of %s (--%s): "), user, option);
  (void) !write (typing.fd, question, strlen (question));
  typed = type_unseen (&typing);
  (void) !write (typing.fd, "\n", 1);
  (void) close (typing.fd);
  if (!typed)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("No password was given"));
  else if (typing.error_number != 0)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("The password of --%s cannot be read from the terminal: %s"), option,
                 g_strerror (typing.error_number));
  else
    answer = g_strdup (typing.line);
  explicit_bzero (typing.line, sizeof typing.line);
  return g_steal_pointer (&answer);
}

/**
 * ferry_cmd_secret_from_text:
 * @option: name of the option
 * @text: its value, `USER` or `USER:PASSWORD`
 * @error: (nullable): of G_OPTION_ERROR, or G_IO_ERROR_CANCELLED for Ctrl-C at the question
 *
 * Where there is no password, asks for it on the terminal.
 *
 * Returns: (transfer floating): user and password, (ss), or NULL with @error
 */
GVariant *
ferry_cmd_secret_from_text (const char *option, const char *text, GError **error)
{
  const char *colon = strchr (text, ':');
  g_autofree char *user = colon != NULL ? g_strndup (text, colon - text) : g_strdup (text);
  g_autofree char *password = colon != NULL ? g_strdup (colon + 1) : ask (option, user, error);

  if (password == NULL)
    return NULL;
  if (!g_utf8_validate (password, -1, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The password of --%s is not UTF-8"),
                   option);
      return NULL;
    }
  return g_variant_new ("(ss)", user, password);
}

static char *
read_file (const char *path, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autofree char *text = g_malloc0 (MAX_FILE + 1);
  gsize n;
  int fd = g_str_equal (path, "-") ? dup (STDIN_FILENO) : open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return NULL;
    }
  stream = g_unix_input_stream_new (fd, TRUE);
  if (!g_input_stream_read_all (stream, text, MAX_FILE, &n, NULL, error))
    return NULL;
  return g_steal_pointer (&text);
}

/**
 * ferry_cmd_secret_from_file:
 * @option: name of the option
 * @path: its value, a file, or `-` for standard input
 * @error: (nullable): of G_OPTION_ERROR
 *
 * Returns: (transfer floating): user and password, (ss), of the file's first line, which is `USER:PASSWORD`;
 * or NULL with @error
 */
GVariant *
ferry_cmd_secret_from_file (const char *option, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = read_file (path, &cause);

  if (text == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--%s “%s” cannot be read: %s"),
                   option, shown, cause->message);
      return NULL;
    }
  text[strcspn (text, "\r\n")] = '\0';
  if (strchr (text, ':') == NULL || !g_utf8_validate (text, -1, NULL))
    {
      /* Without a word of what is in it. */
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("The first line of --%s “%s” is not USER:PASSWORD"), option, shown);
      return NULL;
    }
  return ferry_cmd_secret_from_text (option, text, error);
}
