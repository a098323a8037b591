/* The commands, one row each. What has no row does not exist, and what a row does not name is
 * refused. */
#include "commands.h"

#include <string.h>

#include "peppy/array.h"

#define SERVICE                                                                                    \
	{                                                                                          \
		ARG_JID, "service", false                                                          \
	}
#define AS                                                                                         \
	{                                                                                          \
		ARG_JID, "as", false                                                               \
	}
#define NODE                                                                                       \
	{                                                                                          \
		ARG_TEXT, "node", true                                                             \
	}
#define LIMIT                                                                                      \
	{                                                                                          \
		ARG_NUMBER, "limit", false                                                         \
	}
#define AFTER                                                                                      \
	{                                                                                          \
		ARG_TEXT, "after", false                                                           \
	}

static const struct command commands[] = {
	/* clang-format off */
	{"status",             STORE_READ,  daemon_status, {{0}}},
	{"check",              STORE_NONE,  daemon_check,  {{0}}},
	{"jobs",               STORE_READ,  daemon_jobs,   {{ARG_NUMBER, "after", false}, LIMIT}},
	{"jobs drop",          STORE_WRITE, daemon_jobs_drop, {{ARG_TEXT, "job", true}}},
	{"log",                STORE_NONE,  daemon_log,    
		{{ARG_TEXT, "level", false}, {ARG_TEXT, "area", false}}},
	{"reload",             STORE_NONE,  daemon_reload, {{0}}},
	{"metrics",            STORE_NONE,  daemon_metrics, {{0}}},
	{"top",                STORE_NONE,  daemon_top,    {LIMIT}},
	{"activity",           STORE_NONE,  activity_list,
		{{ARG_NUMBER, "after", false}, LIMIT}},

	{"nodes list",         STORE_READ,  nodes_list,
		{SERVICE, {ARG_TEXT, "pattern", false}, AFTER, LIMIT}},
	{"nodes show",         STORE_READ,  nodes_show,      {SERVICE, NODE}},
	{"nodes create",       STORE_WRITE, nodes_create,
		{SERVICE, AS, NODE, {ARG_FIELDS, "config", false}}},
	{"nodes configure",    STORE_WRITE, nodes_configure,
		{SERVICE, AS, NODE, {ARG_FIELDS, "config", true}}},
	{"nodes delete",       STORE_WRITE, nodes_delete,
		{SERVICE, AS, NODE, {ARG_TEXT, "redirect", false}}},
	{"nodes purge",        STORE_WRITE, nodes_purge,     {SERVICE, AS, NODE}},

	{"items list",         STORE_READ,  items_list,      {SERVICE, NODE, AFTER, LIMIT}},
	{"items show",         STORE_READ,  items_show,
		{SERVICE, NODE, {ARG_TEXT, "item", true}}},
	{"items publish",      STORE_WRITE, items_publish,
		{SERVICE, AS, NODE, {ARG_TEXT, "item", false}, {ARG_TEXT, "payload", false},
		{ARG_FIELDS, "options", false}}},
	{"items retract",      STORE_WRITE, items_retract,
		{SERVICE, AS, NODE, {ARG_TEXT, "item", true}, {ARG_BOOL, "notify", false}}},

	{"subscriptions list", STORE_READ,  subscriptions_list,
		{SERVICE, {ARG_TEXT, "node", false}, {ARG_JID, "jid", false}, AFTER, LIMIT}},
	{"subscriptions set",  STORE_WRITE, subscriptions_set,
		{SERVICE, AS, NODE, {ARG_JID, "jid", true}, {ARG_TEXT, "state", true},
		{ARG_TEXT, "subid", false}}},
	{"affiliations list",  STORE_READ,  affiliations_list,
		{SERVICE, {ARG_TEXT, "node", false}, {ARG_JID, "jid", false}, AFTER, LIMIT}},
	{"affiliations set",   STORE_WRITE, affiliations_set,
		{SERVICE, AS, NODE, {ARG_JID, "jid", true}, {ARG_TEXT, "affiliation", true}}},

	{"explain",            STORE_READ,  explain_run,
		{SERVICE, NODE, {ARG_JID, "jid", true}, {ARG_TEXT, "item", false}}},

	{"account list",       STORE_NONE,  account_list,
		{{ARG_NUMBER, "gone", false}, AFTER, LIMIT}},
	{"account show",       STORE_NONE,  account_show,  {{ARG_JID, "jid", true}}},
	{"account erase",      STORE_NONE,  account_erase,
		{{ARG_JID, "jid", true}, {ARG_BOOL, "begun", false}}},
	/* clang-format on */
};

const struct command *command_at(size_t i)
{
	return i < ARRAY_COUNT(commands) ? &commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}
