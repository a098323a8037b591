/* Calls of an operator: a turn without a stanza. */
#include "service_call.h"

#include <string.h>

struct called {
	const struct router_call *call;
	size_t component;
	bool account;
	enum pubsub_error err;
};

static void call_run(struct turn *turn, struct task *task)
{
	struct called *called = task->called;
	const struct router_call *call = called->call;
	struct service_profile profile;
	struct service service;

	if (!service_call_open(
		    turn, called->component, called->account, true, call->mode, &service))
		return;
	profile = *service.profile;
	profile.admins = (struct pubsub_texts){&call->as, 1};
	service.profile = &profile;
	called->err = call->run(call->ctx, &service);
	service_call_close(turn, &service, called->err);
}

enum pubsub_error router_call(struct router *router, const struct router_call *call)
{
	struct called called = {.call = call, .account = strchr(call->service, '@') != NULL};
	const struct task task = {.run = call_run, .called = &called};
	enum pubsub_error err;

	if (!service_call_find(router, call->service, &called.component))
		return PUBSUB_ERR_SERVICE_UNAVAILABLE;
	err = turn_run(router, &task);
	return err != PUBSUB_OK ? err : called.err;
}
