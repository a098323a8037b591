/* Profiles: a component's service and its accounts are the same service otherwise. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/codec.h"
#include "peppy/memory.h"

#define FANOUT_MAX 1000     /* recipients that are told in the turn itself */
#define ENVELOPE_BYTES 8192 /* what an answer holds beside its items: addresses, wrapper, <set/> */

static void copy_defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)node_id;
	*out = *(const struct pubsub_node_config *)ctx;
}

static bool accept_payload(
	const void *ctx, const struct pubsub_item *item, struct arena *arena, const char **why_out)
{
	return codec_payload_is_valid(ctx, item, arena, why_out);
}

static struct service_profile profile_of(const struct router *router, size_t i)
{
	const struct router_component *component = &router->opt.components[i];

	return (struct service_profile){
		.defaults = copy_defaults,
		.ctx = &router->opt.node_defaults,
		.create_nodes = component->create_nodes,
		.domains = component->domains,
		.admins = component->admins,
		.auto_create = true,
		.conceal = component->conceal_nodes,
		.blocked = {router->blocked, router->opt.blocked.n},
		.reserved = component->reserved,
		.subscribe_anyone = component->subscribe_anyone,
		.limits = router->opt.limits,
		.collections = true,
		.root = component->root_collection,
		.multi_subscribe = component->multi_subscribe,
		.max_items = router->opt.max_items,
		.max_payload_bytes = router->opt.max_payload_bytes,
		.accepts = router->opt.schemas != NULL ? accept_payload : NULL,
		.accepts_ctx = router->opt.schemas,
		.answer_bytes = router->opt.max_outgoing_bytes - ENVELOPE_BYTES,
		.fanout_max = router->opt.fanout_max > 0 ? router->opt.fanout_max : FANOUT_MAX,
		.fanout_bytes = TURN_OUTPUT_BYTES,
	};
}

static struct service_profile component_profile_of(const struct router *router, size_t i)
{
	struct service_profile profile = profile_of(router, i);

	if (profile.conceal == SERVICE_CONCEAL_STRANGERS)
		profile.conceal = SERVICE_CONCEAL_OFF; /* there are no contacts to tell them from */
	return profile;
}

static struct service_profile account_profile_of(const struct router *router, size_t i)
{
	struct service_profile profile = profile_of(router, i);

	profile.defaults = pep_node_defaults;
	profile.ctx = &router->opt.pep_defaults;
	profile.account = true;
	profile.collections = profile.root = false;
	profile.reserved = (struct pubsub_texts){0}; /* its owner alone creates nodes */
	profile.implicit = true;
	return profile;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_blocked(struct router *router)
{
	size_t n = router->opt.blocked.n;

	free(router->blocked);
	router->blocked = memory_alloc((n + 1) * sizeof *router->blocked);
	for (size_t i = 0; i < n; i++)
		router->blocked[i] = router->opt.blocked.v[i];
	qsort(router->blocked, n, sizeof *router->blocked, compare);
}

void profiles_make(struct router *router)
{
	sort_blocked(router);
	for (size_t i = 0; i < router->opt.component_count; i++) {
		router->components[i].profile = component_profile_of(router, i);
		router->components[i].account_profile = account_profile_of(router, i);
	}
}

void profiles_destroy(struct router *router)
{
	free(router->blocked);
}

bool profile_component(const struct router *router, const char *jid, size_t *out)
{
	for (size_t i = 0; i < router->opt.component_count; i++)
		if (strcmp(router->opt.components[i].jid, jid) == 0) {
			*out = i;
			return true;
		}
	return false;
}

const struct service_profile *profile_find(void *ctx, const char *service_jid)
{
	struct router *router = ctx;
	struct outbox_sender sender;
	size_t component = 0;

	if (profile_component(router, service_jid, &component))
		return &router->components[component].profile;
	if (!pep_sender(router->pep, service_jid, &component, &sender))
		component = 0; /* nobody will hear of it */
	return &router->components[component].account_profile;
}
