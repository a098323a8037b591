/* commands.h - the functions that the table in command.c names. */
#ifndef CONTROL_COMMANDS_H
#define CONTROL_COMMANDS_H

#include "call.h"

#define COMMAND(name) enum pubsub_error name(struct call *call, struct service *service)

/* daemon.c */
COMMAND(daemon_status);
COMMAND(daemon_check);
COMMAND(daemon_jobs);
COMMAND(daemon_jobs_drop);
COMMAND(daemon_log);
COMMAND(daemon_reload);
COMMAND(daemon_metrics);
COMMAND(daemon_top);

/* activity.c */
COMMAND(activity_list);

/* nodes.c */
COMMAND(nodes_list);
COMMAND(nodes_show);
COMMAND(nodes_create);
COMMAND(nodes_configure);
COMMAND(nodes_delete);
COMMAND(nodes_purge);

/* items.c */
COMMAND(items_list);
COMMAND(items_show);
COMMAND(items_publish);
COMMAND(items_retract);

/* relations.c */
COMMAND(subscriptions_list);
COMMAND(subscriptions_set);
COMMAND(affiliations_list);
COMMAND(affiliations_set);

/* explain.c */
COMMAND(explain_run);

/* account.c */
COMMAND(account_list);
COMMAND(account_show);
COMMAND(account_erase);

#endif
