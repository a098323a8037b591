/* Calls of an operator: a turn without a stanza. */
#include "service_call.h"

#include <string.h>

struct called {
	const struct router_call *call;
	size_t component;
	bool account;
	enum pubsub_error err;
};

static bool is_domain_of(const struct router_component *component, const char *domain)
{
	for (size_t i = 0; i < component->domains.n; i++)
		if (strcmp(component->domains.v[i], domain) == 0)
			return true;
	return false;
}

/* An account is found whether or not its server delegates it at present. */
static bool find_service(const struct router *router, const char *service, struct called *out)
{
	const char *at = strchr(service, '@');

	for (size_t i = 0; i < router->opt.component_count; i++) {
		const struct router_component *component = &router->opt.components[i];

		out->component = i;
		out->account = at != NULL;
		if (at == NULL ? strcmp(component->jid, service) == 0
			       : is_domain_of(component, at + 1))
			return true;
	}
	return false;
}

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
	if (turn_is_store_error(called->err))
		turn->err = called->err;
	else
		service_call_notify(turn, &service);
}

enum pubsub_error router_call(struct router *router, const struct router_call *call)
{
	struct called called = {.call = call};
	const struct task task = {.run = call_run, .called = &called};
	enum pubsub_error err;
	struct turn turn;

	if (!find_service(router, call->service, &called))
		return PUBSUB_ERR_SERVICE_UNAVAILABLE;
	turn_begin(&turn, router);
	turn_do(&turn, &task);
	err = turn_end(&turn);
	return err != PUBSUB_OK ? err : called.err;
}

const struct pep *router_pep(const struct router *router)
{
	return router->pep;
}
