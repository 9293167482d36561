/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryCmdOptionKind:
 * @FERRY_CMD_OPTION_TEXT: `s`
 * @FERRY_CMD_OPTION_TEXTS: `as`, one each time it is given; an empty one is left out, so that it alone means
 * none
 * @FERRY_CMD_OPTION_FLAG: `b`, TRUE; has no value
 * @FERRY_CMD_OPTION_SIZE: `t`, bytes with a unit
 * @FERRY_CMD_OPTION_NUMBER: `u`
 * @FERRY_CMD_OPTION_TIME: `x`, a time, or a span from now on
 * @FERRY_CMD_OPTION_HEADERS: `a(ss)`, `Name: value` each time it is given
 * @FERRY_CMD_OPTION_PAIRS: `a{sv}`, `key=value` each time it is given
 * @FERRY_CMD_OPTION_CREDENTIAL: `(ss)`, `USER:PASSWORD`, or `USER` and the password is asked for
 * @FERRY_CMD_OPTION_CREDENTIAL_FILE: `(ss)`, a file with that
 * @FERRY_CMD_OPTION_CONTENTS: `s`, what is in a file
 * @FERRY_CMD_OPTION_PATH: `s`, a file; `-` makes it an `h`, standard input
 * @FERRY_CMD_OPTION_DESCRIPTOR: `h`, the descriptor itself
 *
 * What the words of an option of the command line become.
 */
typedef enum
{
  FERRY_CMD_OPTION_TEXT,
  FERRY_CMD_OPTION_TEXTS,
  FERRY_CMD_OPTION_FLAG,
  FERRY_CMD_OPTION_SIZE,
  FERRY_CMD_OPTION_NUMBER,
  FERRY_CMD_OPTION_TIME,
  FERRY_CMD_OPTION_HEADERS,
  FERRY_CMD_OPTION_PAIRS,
  FERRY_CMD_OPTION_CREDENTIAL,
  FERRY_CMD_OPTION_CREDENTIAL_FILE,
  FERRY_CMD_OPTION_CONTENTS,
  FERRY_CMD_OPTION_PATH,
  FERRY_CMD_OPTION_DESCRIPTOR,
} FerryCmdOptionKind;

GVariant *ferry_cmd_option_value_new (FerryCmdOptionKind kind, const char *name, const char *const *words,
                                      GError **error);

G_END_DECLS
