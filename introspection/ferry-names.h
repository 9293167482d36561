/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

/* Every bus name, object path and interface name of the contract; nothing else in the tree spells them. */

#define FERRY_BUS_NAME "org.ferry.Transfer1"
#define FERRY_ROOT_PATH "/org/ferry/Transfer1"
#define FERRY_DOWNLOADER_PATH FERRY_ROOT_PATH "/Downloader"
#define FERRY_UPLOADER_PATH FERRY_ROOT_PATH "/Uploader"
#define FERRY_OPERATION_PATH FERRY_ROOT_PATH "/Operation"
#define FERRY_COMPLETION_GROUP_PATH FERRY_ROOT_PATH "/CompletionGroup"

#define FERRY_MANAGER_INTERFACE "org.ferry.Transfer1.Manager"
#define FERRY_DOWNLOADER_INTERFACE "org.ferry.Transfer1.Downloader"
#define FERRY_UPLOADER_INTERFACE "org.ferry.Transfer1.Uploader"
#define FERRY_OPERATION_INTERFACE "org.ferry.Transfer1.Operation"
#define FERRY_DOWNLOAD_OPERATION_INTERFACE "org.ferry.Transfer1.DownloadOperation"
#define FERRY_UPLOAD_OPERATION_INTERFACE "org.ferry.Transfer1.UploadOperation"
#define FERRY_COMPLETION_GROUP_INTERFACE "org.ferry.Transfer1.CompletionGroup"
#define FERRY_COMPLETION_HANDLER_INTERFACE "org.ferry.Transfer1.CompletionHandler"

#define FERRY_ERROR_PREFIX "org.ferry.Transfer1.Error."

#define FERRY_SETTINGS_SCHEMA "org.ferry.Transfer1"

/* The application that the command-line tool's operations belong to. */
#define FERRY_COMMAND_APPLICATION "org.ferry.Ferry"
