/* SPDX-FileCopyrightText: 2026 The Ferry authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ferryd-access.h"

#include <string.h>

#include "ferry-names.h"

#define MANAGER FERRY_MANAGER_INTERFACE
#define DOWNLOADER FERRY_DOWNLOADER_INTERFACE
#define UPLOADER FERRY_UPLOADER_INTERFACE
#define OPERATION FERRY_OPERATION_INTERFACE
#define DOWNLOAD FERRY_DOWNLOAD_OPERATION_INTERFACE
#define UPLOAD FERRY_UPLOAD_OPERATION_INTERFACE
#define GROUP FERRY_COMPLETION_GROUP_INTERFACE

/* Whoever is not in here may not. Every member of every interface the service implements is, and a unit test
 * compares it with the XML. */
static const struct
{
  const char *interface;
  const char *member;
  FerrydAccessKind kind;
  FerrydAccessLevel level;
} access_table[] = {
  { MANAGER, "CreateCompletionGroup", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "SetGroupBehavior", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "ListGroups", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "ForEach", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "Watch", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "Unwatch", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "PauseAll", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "ResumeAll", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "RequestUnconstrained", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { MANAGER, "ListConnections", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "SetDataPlan", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "ClearDataPlan", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "SetDataUsage", FERRYD_ACCESS_CALL, FERRYD_ACCESS_HOST },
  { MANAGER, "Version", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "NetworkCost", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "Roaming", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "ApproachingDataLimit", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "OverDataLimit", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "BackgroundDataRestricted", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "Connectivity", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "OnBattery", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "BatterySaver", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },
  { MANAGER, "Paused", FERRYD_ACCESS_READ, FERRYD_ACCESS_ANYONE },

  { DOWNLOADER, "Create", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { DOWNLOADER, "CreateMany", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { DOWNLOADER, "List", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { UPLOADER, "Create", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { UPLOADER, "CreateMany", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { UPLOADER, "CreateMultipart", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },
  { UPLOADER, "List", FERRYD_ACCESS_CALL, FERRYD_ACCESS_ANYONE },

  { OPERATION, "Start", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Pause", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Resume", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Cancel", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Remove", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Attach", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Detach", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "SetRequestHeader", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "RemoveRequestHeader", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "SetCredential", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "SetDestination", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "MakeCurrentInGroup", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "OpenResult", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { OPERATION, "Id", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Kind", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Uri", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Uri", FERRYD_ACCESS_WRITE, FERRYD_ACCESS_OWNER },
  { OPERATION, "Method", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Group", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "ApplicationId", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Title", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "CompletionGroup", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "State", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "StateReason", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "BlockedBy", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Priority", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Priority", FERRYD_ACCESS_WRITE, FERRYD_ACCESS_OWNER },
  { OPERATION, "CostPolicy", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "CostPolicy", FERRYD_ACCESS_WRITE, FERRYD_ACCESS_OWNER },
  { OPERATION, "MaxSpeed", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "MaxSpeed", FERRYD_ACCESS_WRITE, FERRYD_ACCESS_OWNER },
  { OPERATION, "RecoverableErrors", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "RecoverableErrors", FERRYD_ACCESS_WRITE, FERRYD_ACCESS_OWNER },
  { OPERATION, "Options", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "BytesReceived", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "TotalBytesToReceive", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "BytesSent", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "TotalBytesToSend", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Speed", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "TimeRemaining", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Response", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Restarts", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Attempt", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "RetryAt", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "ErrorStatus", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "ErrorMessage", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Unconstrained", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Metadata", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Created", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { OPERATION, "Finished", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { DOWNLOAD, "Prioritize", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { DOWNLOAD, "Destination", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { DOWNLOAD, "SuggestedName", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { DOWNLOAD, "Ranges", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { DOWNLOAD, "RandomAccess", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { UPLOAD, "Source", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },

  { GROUP, "Enable", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { GROUP, "Remove", FERRYD_ACCESS_CALL, FERRYD_ACCESS_OWNER },
  { GROUP, "IsEnabled", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "State", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "Operations", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "Total", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "Ended", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "Failed", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "BytesDone", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
  { GROUP, "BytesTotal", FERRYD_ACCESS_READ, FERRYD_ACCESS_OWNER },
};

/**
 * ferryd_access_get_level:
 * @interface: an interface of the contract
 * @member: a method or property of it
 * @kind: what is done to it
 *
 * Returns: who may, according to the table
 */
FerrydAccessLevel
ferryd_access_get_level (const char *interface, const char *member, FerrydAccessKind kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (access_table); i++)
    {
      if (access_table[i].kind == kind && strcmp (access_table[i].member, member) == 0 &&
          strcmp (access_table[i].interface, interface) == 0)
        return access_table[i].level;
    }
  return FERRYD_ACCESS_NOBODY;
}

/**
 * ferryd_access_owns:
 * @caller: a caller
 * @application: whose an object is
 *
 * Returns: whether @caller may know that there is such an object
 */
gboolean
ferryd_access_owns (const FerrydCaller *caller, const char *application)
{
  return !caller->sandboxed || (application[0] != '\0' && strcmp (caller->application, application) == 0);
}

/**
 * ferryd_access_allows:
 * @caller: a caller
 * @owns: the object is one that @caller may know of
 * @interface: an interface of the contract
 * @member: a method or property of it
 * @kind: what @caller wants to do to it
 *
 * Returns: whether it may
 */
gboolean
ferryd_access_allows (const FerrydCaller *caller, gboolean owns, const char *interface, const char *member,
                      FerrydAccessKind kind)
{
  switch (ferryd_access_get_level (interface, member, kind))
    {
    case FERRYD_ACCESS_ANYONE:
      return TRUE;
    case FERRYD_ACCESS_OWNER:
      return owns;
    case FERRYD_ACCESS_HOST:
      return !caller->sandboxed;
    case FERRYD_ACCESS_NOBODY:
    default:
      return FALSE;
    }
}
