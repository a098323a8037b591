/* Token buckets, each as one number: the time at which it will be full again. They hold ten
 * seconds' worth, or an hour's of what is counted by the hour. The tables are bounded: whoever is
 * forgotten has a full bucket, and that is why domains are counted as well. */
#include "limits.h"

#include <stdlib.h>

#include "peppy/clock.h"
#include "peppy/memory.h"

#include "backlog.h"
#include "observe.h"

#define ENTITIES_MAX 20000
#define DOMAINS_MAX 5000
#define SECOND_US UINT64_C(1000000)

struct buckets {
	uint64_t full_us[LIMIT_COUNT]; /* monotonic */
};

struct limits {
	struct map *entities; /* bare JID -> struct buckets: a cache */
	struct map *domains;  /* likewise */
};

static const struct kind {
	const char *name;
	unsigned seconds;      /* in which so many of them may come: */
	size_t entity, domain; /* where in struct router_rates; SIZE_MAX: not counted */
	unsigned burst;        /* so many times the seconds fit into the bucket */
} kinds[LIMIT_COUNT] = {
	/* clang-format off */
	[LIMIT_REQUESTS]    = {"requests", 1, offsetof(struct router_rates, requests),
		offsetof(struct router_rates, domain_requests), 10},
	[LIMIT_PUBLISHES]   = {"items", 1, offsetof(struct router_rates, publishes),
		offsetof(struct router_rates, domain_publishes), 10},
	[LIMIT_INVITATIONS] = {"invitations", 3600, offsetof(struct router_rates, invitations),
		SIZE_MAX, 1},
	[LIMIT_APPLICATIONS] = {"requests for approval", 3600,
		offsetof(struct router_rates, applications),
		offsetof(struct router_rates, domain_applications), 1},
	[LIMIT_LOOKUPS]     = {"lookups", 1, offsetof(struct router_rates, presence_lookups),
		offsetof(struct router_rates, domain_presence_lookups), 10},
	/* clang-format on */
};

void limits_open(struct router *router)
{
	router->limits = memory_alloc(sizeof *router->limits);
	router->limits->entities = map_create(ENTITIES_MAX, free);
	router->limits->domains = map_create(DOMAINS_MAX, free);
}

void limits_close(struct router *router)
{
	if (router->limits == NULL)
		return;
	map_destroy(router->limits->entities);
	map_destroy(router->limits->domains);
	free(router->limits);
}

/* ---- how often ---- */

/* One bucket that something takes from; n 0: that is only looked at. */
struct draw {
	uint64_t *full_us; /* NULL: no limit */
	uint64_t cost_us;
	uint64_t size_us;
};

static struct draw draw_from(
	struct map *map, const char *key, enum limit limit, size_t n, uint32_t rate)
{
	const struct kind *kind = &kinds[limit];
	struct buckets *buckets;
	struct draw draw = {.size_us = kind->seconds * kind->burst * SECOND_US};

	if (rate == 0)
		return draw;
	buckets = map_find(map, key);
	if (buckets == NULL && n == 0)
		return draw;
	if (buckets == NULL) {
		buckets = memory_alloc(sizeof *buckets);
		map_put(map, key, buckets);
	}
	draw.full_us = &buckets->full_us[limit];
	draw.cost_us = n * kind->seconds * SECOND_US / rate;
	return draw;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* How long until there is room for it; more than a bucket holds goes into one that is full. */
static uint64_t wait_us(const struct draw *draw, uint64_t now_us)
{
	uint64_t cost_us = draw->cost_us < draw->size_us ? draw->cost_us : draw->size_us;

	if (draw->full_us == NULL)
		return 0;
	return later(later(*draw->full_us, now_us) + cost_us, now_us + draw->size_us) - now_us -
	       draw->size_us;
}

static void take(const struct draw *draw, uint64_t now_us)
{
	if (draw->full_us != NULL)
		*draw->full_us = later(*draw->full_us, now_us) + draw->cost_us;
}

static uint32_t rate_of(const struct router *router, size_t member)
{
	return member == SIZE_MAX ? 0
				  : *(const uint32_t *)((const char *)&router->opt.rates + member);
}

static const struct router_component *component_of(const struct turn *turn)
{
	return turn->router->components[turn->task->component].opt;
}

static bool is_admin(const struct turn *turn, struct jid from)
{
	return pubsub_texts_have(component_of(turn)->admins, from.bare);
}

/* What somebody takes from: a bucket of his own and, unless that is local, one of his domain. */
struct draws {
	struct draw entity, domain;
};

static struct draws draws_of(const struct router *router, const struct router_component *component,
	enum limit limit, struct jid from, size_t n)
{
	const struct limits *limits = router->limits;
	const struct kind *kind = &kinds[limit];
	bool local = pubsub_texts_have(component->domains, from.domain);

	return (struct draws){
		draw_from(limits->entities, from.bare, limit, n, rate_of(router, kind->entity)),
		draw_from(limits->domains, from.domain, limit, n,
			local ? 0 : rate_of(router, kind->domain)),
	};
}

static uint64_t draws_wait_us(const struct draws *draws, uint64_t now_us)
{
	return later(wait_us(&draws->entity, now_us), wait_us(&draws->domain, now_us));
}

static void draws_take(const struct draws *draws, uint64_t now_us)
{
	take(&draws->entity, now_us);
	take(&draws->domain, now_us);
}

bool limits_take(
	struct turn *turn, enum limit limit, struct jid from, size_t n, const char **detail_out)
{
	const uint64_t now_us = clock_monotonic_us();
	struct task *task = turn->task;
	unsigned bit = 1U << limit;
	struct draws draws;
	uint64_t wait;

	if (n == 0 || (task->charged & bit) != 0 || is_admin(turn, from))
		return true;
	draws = draws_of(turn->router, component_of(turn), limit, from, n);
	wait = draws_wait_us(&draws, now_us);
	if (wait > 0) {
		*detail_out =
			arena_printf(turn->arena, "%s, come again in %llu s", kinds[limit].name,
				(unsigned long long)((wait + SECOND_US - 1) / SECOND_US));
		return false;
	}
	draws_take(&draws, now_us);
	task->charged |= bit;
	return true;
}

void limits_spend(struct turn *turn, enum limit limit, struct jid from, size_t n)
{
	struct task *task = turn->task;
	unsigned bit = 1U << limit;
	struct draws draws;

	if (n == 0 || (task->charged & bit) != 0 || is_admin(turn, from))
		return;
	draws = draws_of(turn->router, component_of(turn), limit, from, n);
	draws_take(&draws, clock_monotonic_us());
	task->charged |= bit;
}

bool limits_may_look_up(void *ctx, size_t component, const char *text)
{
	const struct router *router = ctx;
	const struct router_component *opt = router->components[component].opt;
	struct draws draws;
	struct jid jid;

	jid_take(text, router->arena, &jid);
	draws = draws_of(router, opt, LIMIT_LOOKUPS, jid, 0);
	if (draws_wait_us(&draws, clock_monotonic_us()) == 0 ||
		pubsub_texts_have(opt->admins, jid.bare))
		return true;
	router->observed->put_off++;
	return false;
}

bool limits_invite(void *turn, struct jid from, size_t n, const char **detail_out)
{
	return limits_take(turn, LIMIT_INVITATIONS, from, n, detail_out);
}

bool limits_apply(void *turn, struct jid from, const char **detail_out)
{
	return limits_take(turn, LIMIT_APPLICATIONS, from, 1, detail_out);
}

/* ---- how much ---- */

enum pubsub_error limits_output(
	struct turn *turn, const struct inquiry *inquiry, const char **detail_out)
{
	const size_t most = turn->router->opt.max_domain_output;
	const struct component *component = &turn->router->components[inquiry->task->component];
	size_t waits;

	if (most == 0)
		return PUBSUB_OK;
	waits = backlog_of(component, inquiry->from.domain);
	if (waits <= most || is_admin(turn, inquiry->from))
		return PUBSUB_OK;
	*detail_out = arena_printf(turn->arena, "%zu bytes for %s", waits, inquiry->from.domain);
	return PUBSUB_ERR_OUTPUT_LIMIT;
}

/* ---- who ---- */

bool limits_is_blocked(const struct turn *turn, const struct inquiry *inquiry)
{
	const struct component *component = &turn->router->components[inquiry->task->component];

	return service_is_blocked(&component->profile, inquiry->from.bare);
}

/* ---- forms ---- */

struct extent {
	size_t fields, values;
};

static void count_form(const struct xml_element *x, struct extent *extent)
{
	const struct xml_element *field = xml_child(x, NS_DATA, "field"), *value;

	for (; field != NULL; field = xml_next(field, NS_DATA, "field")) {
		extent->fields++;
		value = xml_child(field, NS_DATA, "value");
		for (; value != NULL; value = xml_next(value, NS_DATA, "value"))
			extent->values++;
	}
}

/* Forms stand in the verb, beside it or in what stands beside it; those in items are payload. */
static void count_forms(const struct xml_element *el, unsigned depth, struct extent *extent)
{
	if (xml_is(el, NS_DATA, "x")) {
		count_form(el, extent);
		return;
	}
	for (el = depth > 0 ? el->first : NULL; el != NULL; el = el->next)
		count_forms(el, depth - 1, extent);
}

enum pubsub_error limits_forms(
	struct turn *turn, const struct inquiry *inquiry, const char **detail_out)
{
	const struct router_options *opt = &turn->router->opt;
	struct extent extent = {0};

	if (inquiry->child != NULL)
		count_forms(inquiry->child, 2, &extent);
	if ((opt->max_form_fields == 0 || extent.fields <= opt->max_form_fields) &&
		(opt->max_form_values == 0 || extent.values <= opt->max_form_values))
		return PUBSUB_OK;
	if (is_admin(turn, inquiry->from))
		return PUBSUB_OK;
	*detail_out = arena_printf(turn->arena, "at most %u fields and %u values",
		opt->max_form_fields, opt->max_form_values);
	return PUBSUB_ERR_FORM_LIMIT;
}
