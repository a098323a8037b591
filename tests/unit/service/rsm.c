/* Result Set Management (XEP-0059) against a model: a list of entries, each at a place that no
 * other will ever have. Entries come and go at random; pages are asked for at random places, those
 * of entries that have gone among them. */
#include "world.h"

#include <stdio.h>

#define ROUNDS 2000
#define ENTRIES 400 /* ever, of which */
#define ALIVE 50    /* are there at a time */

struct entry {
	char name[16];   /* a JID, too */
	const char *uid; /* NULL: nobody has been told yet */
	bool there;
};

struct model {
	struct world *w;
	unsigned seed;
	struct entry entries[ENTRIES]; /* by their places */
	size_t n, alive;
};

/* A list under test. */
struct list {
	service_fn run;
	struct pubsub_request (*request)(struct world *w);
	void (*add)(struct world *w, const char *name);
	void (*remove)(struct world *w, const char *name);
	const char *(*name_of)(const struct pubsub_answer *answer, size_t i);
	size_t (*count)(const struct pubsub_answer *answer);
	bool has_index; /* pages are found by it, too */
	bool exact;     /* it is so even if entries have gone since the place was told */
};

/* ---- items ---- */

static struct pubsub_request items_request(struct world *w)
{
	return world_request(w, ROMEO, "n");
}

static void item_add(struct world *w, const char *name)
{
	world_publish(w, "n", name);
}

static void item_remove(struct world *w, const char *name)
{
	struct pubsub_request r = world_items(w, HAMLET, "n", name, NULL);

	assert_int_equal(world_run(w, service_item_retract, &r), PUBSUB_OK);
}

static const char *item_name(const struct pubsub_answer *answer, size_t i)
{
	return answer->items[i].id;
}

static size_t item_count(const struct pubsub_answer *answer)
{
	return answer->item_count;
}

static struct pubsub_request newest_request(struct world *w)
{
	struct pubsub_request r = items_request(w);

	r.order = PUBSUB_ORDER_CREATION;
	return r;
}

/* ---- nodes of the service, of which the requester sees half ---- */

static struct pubsub_request nodes_request(struct world *w)
{
	return world_request(w, ROMEO, NULL);
}

static void node_add(struct world *w, const char *name)
{
	world_create(
		w, arena_printf(w->arena, "hidden %s", name), "pubsub#access_model", "whitelist");
	world_create(w, name, NULL, NULL);
}

static void node_remove(struct world *w, const char *name)
{
	struct pubsub_request r = world_request(w, HAMLET, name);

	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
}

static const char *node_name(const struct pubsub_answer *answer, size_t i)
{
	return answer->nodes[i].node_id;
}

static size_t node_count(const struct pubsub_answer *answer)
{
	return answer->node_count;
}

/* ---- subscriptions and affiliations of the requester: one a node, in the order of the nodes
 * ---- */

static void subscription_add(struct world *w, const char *name)
{
	world_create(w, name, NULL, NULL);
	world_subscribe(w, name, ROMEO);
}

static void subscription_remove(struct world *w, const char *name)
{
	struct pubsub_request r = world_request_jid(w, ROMEO, name, ROMEO);

	assert_int_equal(world_run(w, service_unsubscribe, &r), PUBSUB_OK);
}

static const char *subscription_name(const struct pubsub_answer *answer, size_t i)
{
	return answer->subscriptions[i].node_id;
}

static size_t subscription_count(const struct pubsub_answer *answer)
{
	return answer->subscription_count;
}

static void affiliation_add(struct world *w, const char *name)
{
	world_create(w, name, NULL, NULL);
	world_affiliate(w, name, ROMEO, PUBSUB_AFFILIATION_MEMBER);
}

static void affiliation_remove(struct world *w, const char *name)
{
	world_affiliate(w, name, ROMEO, PUBSUB_AFFILIATION_NONE);
}

static const char *affiliation_name(const struct pubsub_answer *answer, size_t i)
{
	return answer->affiliates[i].node_id;
}

static size_t affiliation_count(const struct pubsub_answer *answer)
{
	return answer->affiliate_count;
}

/* ---- subscriptions of a node, in the order of the JIDs ---- */

static struct pubsub_request owner_request(struct world *w)
{
	return world_request(w, HAMLET, "n");
}

static void subscriber_add(struct world *w, const char *name)
{
	world_subscribe(w, "n", name);
}

static void subscriber_remove(struct world *w, const char *name)
{
	struct pubsub_request r = world_request_jid(w, name, "n", name);

	assert_int_equal(world_run(w, service_unsubscribe, &r), PUBSUB_OK);
}

static const char *subscriber_name(const struct pubsub_answer *answer, size_t i)
{
	return answer->subscriptions[i].subscriber.full;
}

/* ---- the model ---- */

/* Numbers that look random, the same in every run. */
static unsigned pick(struct model *m, unsigned below)
{
	m->seed = m->seed * 1103515245 + 12345;
	return (m->seed >> 16) % below;
}

static void change(struct model *m, const struct list *list)
{
	struct entry *entry = &m->entries[m->n];

	if (m->alive < 3 || (m->alive < ALIVE && pick(m, 2) == 0)) {
		snprintf(entry->name, sizeof entry->name, "e%03zu@d.lit", m->n);
		list->add(m->w, entry->name);
		entry->there = true;
		m->n++;
		m->alive++;
		return;
	}
	entry = &m->entries[pick(m, (unsigned)m->n)];
	if (!entry->there)
		return;
	list->remove(m->w, entry->name);
	entry->there = false;
	m->alive--;
}

/* A place that somebody has been told; ENTRIES: none yet. */
static size_t known_place(struct model *m)
{
	size_t start = m->n > 0 ? pick(m, (unsigned)m->n) : 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->entries[(start + i) % m->n].uid != NULL)
			return (start + i) % m->n;
	return ENTRIES;
}

/* The places of the page, in order: those within [from, to), the first of them or the last. */
static size_t expected(const struct model *m, size_t from, size_t to, size_t max, bool backward,
	size_t places[ENTRIES])
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		if (m->entries[i].there)
			places[n++] = i;
	if (n <= max)
		return n;
	if (backward)
		memmove(places, places + n - max, max * sizeof *places);
	return max;
}

static size_t index_of(const struct model *m, size_t place)
{
	size_t n = 0;

	for (size_t i = 0; i < place; i++)
		n += m->entries[i].there;
	return n;
}

/* The place of the entry that has so many before it. */
static size_t place_of(const struct model *m, size_t index)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->entries[i].there && n++ == index)
			return i;
	return m->n;
}

/* ---- asking ---- */

static void compare(
	struct model *m, const struct list *list, const size_t places[ENTRIES], size_t n)
{
	const struct pubsub_answer *answer = &m->w->answer;
	const struct pubsub_page *page = &answer->page;

	assert_int_equal(list->count(answer), n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(list->name_of(answer, i), m->entries[places[i]].name);
	assert_true(page->present);
	if (page->has_count)
		assert_int_equal(page->count, m->alive);
	assert_int_equal(page->first == NULL, n == 0);
	if (n == 0)
		return;
	if (page->has_index && list->exact)
		assert_int_equal(page->index, index_of(m, places[0]));
	if (page->has_index)
		assert_in_range(page->index, 0, m->alive - n);
	m->entries[places[0]].uid = page->first;
	m->entries[places[n - 1]].uid = page->last;
}

static void ask(struct model *m, const struct list *list)
{
	struct pubsub_request r = list->request(m->w);
	size_t from = 0, to = m->n, places[ENTRIES], place = known_place(m);
	bool backward = false;

	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = pick(m, 6)};
	switch (pick(m, list->has_index ? 5 : 4)) {
	case 1:
		backward = true;
		r.rsm.before = "";
		break;
	case 2:
		r.rsm.after = place < ENTRIES ? m->entries[place].uid : NULL;
		from = place < ENTRIES ? place + 1 : 0;
		break;
	case 3:
		backward = true;
		r.rsm.before = place < ENTRIES ? m->entries[place].uid : "";
		to = place < ENTRIES ? place : to;
		break;
	case 4:
		r.rsm.has_index = true;
		r.rsm.index = pick(m, (unsigned)m->alive + 2);
		from = place_of(m, r.rsm.index);
		break;
	default:
		break;
	}
	assert_int_equal(world_run(m->w, list->run, &r), PUBSUB_OK);
	compare(m, list, places, expected(m, from, to, r.rsm.max, backward, places));
}

static void play(struct world *w, const struct list *list)
{
	struct model m = {.w = w, .seed = 1};

	for (size_t i = 0; i < ROUNDS; i++) {
		if (pick(&m, 4) == 0)
			change(&m, list);
		else
			ask(&m, list);
	}
	assert_in_range(m.n, 100, ENTRIES);
}

static void test_items(void **state)
{
	const struct list list = {service_items_retrieve, items_request, item_add, item_remove,
		item_name, item_count, true, false};

	world_create(*state, "n", NULL, NULL);
	play(*state, &list);
}

static void test_items_by_creation(void **state)
{
	const struct list list = {service_items_retrieve, newest_request, item_add, item_remove,
		item_name, item_count, true, true};

	world_create(*state, "n", NULL, NULL);
	play(*state, &list);
}

static void test_nodes_of_a_service(void **state)
{
	const struct list list = {service_disco_items, nodes_request, node_add, node_remove,
		node_name, node_count, false, false};

	play(*state, &list);
}

static void test_ids_of_a_node(void **state)
{
	const struct list list = {service_disco_items, items_request, item_add, item_remove,
		item_name, item_count, true, false};

	world_create(*state, "n", NULL, NULL);
	play(*state, &list);
}

static void test_subscriptions_of_an_entity(void **state)
{
	const struct list list = {service_subscriptions, nodes_request, subscription_add,
		subscription_remove, subscription_name, subscription_count, true, true};

	play(*state, &list);
}

static void test_affiliations_of_an_entity(void **state)
{
	const struct list list = {service_affiliations, nodes_request, affiliation_add,
		affiliation_remove, affiliation_name, affiliation_count, true, true};

	play(*state, &list);
}

static void test_subscriptions_of_a_node(void **state)
{
	const struct list list = {service_owner_subscriptions, owner_request, subscriber_add,
		subscriber_remove, subscriber_name, subscription_count, false, false};

	world_create(*state, "n", NULL, NULL);
	play(*state, &list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_items),
		WORLD_TEST(test_items_by_creation),
		WORLD_TEST(test_nodes_of_a_service),
		WORLD_TEST(test_ids_of_a_node),
		WORLD_TEST(test_subscriptions_of_an_entity),
		WORLD_TEST(test_subscriptions_of_a_node),
		WORLD_TEST(test_affiliations_of_an_entity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
