/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

/* The one header that programs include. */

#include "ferry-completion-group.h"
#include "ferry-content-part.h"
#include "ferry-download-request.h"
#include "ferry-download.h"
#include "ferry-downloader.h"
#include "ferry-enum-types.h"
#include "ferry-enums.h"
#include "ferry-error.h"
#include "ferry-factory.h"
#include "ferry-manager.h"
#include "ferry-names.h"
#include "ferry-operation.h"
#include "ferry-request.h"
#include "ferry-upload-request.h"
#include "ferry-upload.h"
#include "ferry-uploader.h"
