/* Every request that is answered is advertised, by the name that XEP-0060 has for it (section
 * 10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"
#include "router/routes.h"

static const struct {
	const char *type, *ns, *element, *feature;
} wanted[] = {
	{"set", NS_PUBSUB, "create", "create-nodes"},
	{"set", NS_PUBSUB, "publish", "publish"},
	{"set", NS_PUBSUB, "retract", "retract-items"},
	{"get", NS_PUBSUB, "items", "retrieve-items"},
	{"set", NS_PUBSUB, "subscribe", "subscribe"},
	{"set", NS_PUBSUB, "unsubscribe", "subscribe"},
	{"get", NS_PUBSUB, "options", "subscription-options"},
	{"set", NS_PUBSUB, "options", "subscription-options"},
	{"get", NS_PUBSUB, "default", "retrieve-default-sub"},
	{"get", NS_PUBSUB, "subscriptions", "retrieve-subscriptions"},
	{"get", NS_PUBSUB, "affiliations", "retrieve-affiliations"},
	{"get", NS_PUBSUB_OWNER, "configure", "config-node"},
	{"set", NS_PUBSUB_OWNER, "configure", "config-node"},
	{"get", NS_PUBSUB_OWNER, "default", "retrieve-default"},
	{"set", NS_PUBSUB_OWNER, "delete", "delete-nodes"},
	{"set", NS_PUBSUB_OWNER, "collection", "collections"},
	{"set", NS_PUBSUB_OWNER, "purge", "purge-nodes"},
	{"get", NS_PUBSUB_OWNER, "subscriptions", "manage-subscriptions"},
	{"set", NS_PUBSUB_OWNER, "subscriptions", "manage-subscriptions"},
	{"get", NS_PUBSUB_OWNER, "affiliations", "modify-affiliations"},
	{"set", NS_PUBSUB_OWNER, "affiliations", "modify-affiliations"},
	{"message", NS_DATA, "x", "access-authorize"},
};

#define WANTED ARRAY_COUNT(wanted)

struct features {
	const char *const *v;
	size_t n;
};

static void no_defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)ctx, (void)node_id;
	*out = pubsub_node_config_default;
}

static bool has(const struct features *features, const char *name)
{
	for (size_t i = 0; i < features->n; i++)
		if (strcmp(features->v[i], name) == 0)
			return true;
	return false;
}

static struct features features_of(bool account, struct arena *arena)
{
	const struct service_profile profile = {
		.defaults = no_defaults, .account = account, .collections = true};
	struct features out = {0};

	out.v = route_features(&profile, false, arena, &out.n);
	return out;
}

static void test_every_route_is_advertised(void **state)
{
	struct arena *arena = arena_create();

	(void)state;
	for (int account = 0; account < 2; account++) {
		const struct features features = features_of(account, arena);

		for (size_t i = 0; i < WANTED; i++)
			if (!has(&features,
				    arena_printf(arena, NS_PUBSUB "#%s", wanted[i].feature)))
				fail_msg("%s is not advertised", wanted[i].feature);
		for (size_t i = 0; i < features.n; i++)
			for (size_t k = i + 1; k < features.n; k++)
				assert_string_not_equal(features.v[i], features.v[k]);
	}
	arena_destroy(arena);
}

static void test_there_is_no_other_route(void **state)
{
	const struct route *route;
	size_t n = 0;

	(void)state;
	for (; (route = route_at(n)) != NULL; n++) {
		size_t i = 0;

		assert_int_equal(route_index(route), n);
		while (i < WANTED && (strcmp(wanted[i].type, route->type) != 0 ||
					     strcmp(wanted[i].ns, route->ns) != 0 ||
					     strcmp(wanted[i].element, route->element) != 0))
			i++;
		if (i == WANTED)
			fail_msg("%s %s: by which feature is it known?", route->type,
				route->element);
	}
	assert_int_equal(n, WANTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_route_is_advertised),
		cmocka_unit_test(test_there_is_no_other_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
