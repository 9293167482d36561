/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ferryd-handler-caller.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_FAKE_HANDLER_CALLER (ferryd_fake_handler_caller_get_type ())
/**
 * FerrydFakeHandlerCaller:
 *
 * Applications whose answers the test gives. Every name but `org.example.Missing` can be activated; none runs
 * at first.
 */
G_DECLARE_FINAL_TYPE (FerrydFakeHandlerCaller, ferryd_fake_handler_caller, FERRYD, FAKE_HANDLER_CALLER,
                      GObject)

FerrydFakeHandlerCaller *ferryd_fake_handler_caller_new (void);
void ferryd_fake_handler_caller_set_running (FerrydFakeHandlerCaller *self, const char *name,
                                             gboolean running);

/* How many calls there were, and how many of them wait for an answer. */
guint ferryd_fake_handler_caller_count (FerrydFakeHandlerCaller *self);
guint ferryd_fake_handler_caller_count_waiting (FerrydFakeHandlerCaller *self);
/* (transfer none): the oldest that waits: `name path action group downloads uploads`, the last two as
 * numbers. */
const char *ferryd_fake_handler_caller_peek (FerrydFakeHandlerCaller *self);
/* Answers it, or lets it fail. */
void ferryd_fake_handler_caller_answer (FerrydFakeHandlerCaller *self, gboolean success);

G_END_DECLS
