/* support.c - a store of any engine, and the suite on it. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/array.h"

/* ---- stores ---- */

void folder_make(char folder[64])
{
	const char *tmp = getenv("TMPDIR");
	int len = snprintf(folder, 64, "%s/peppy-store-XXXXXX", tmp != NULL ? tmp : "/tmp");

	assert_in_range(len, 1, 63);
	assert_non_null(mkdtemp(folder));
}

void folder_remove(const char *folder)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "peppy.lock"};
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(files); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void open_folder(struct fixture *f)
{
	const struct store_options opt = {.path = f->folder, .max_bytes = MAP_BYTES};

	ok(store_open(&opt, &f->store));
}

void fixture_open_mem(struct fixture *f)
{
	*f = (struct fixture){.arena = arena_create()};
	ok(store_open_mem(&f->store));
}

void fixture_open_lmdb(struct fixture *f)
{
	*f = (struct fixture){.arena = arena_create()};
	folder_make(f->folder);
	open_folder(f);
}

void fixture_open_fail(struct fixture *f)
{
	fixture_open_mem(f);
	f->store = store_open_fail(f->store);
}

void fixture_reopen(struct fixture *f)
{
	reading(f);
	store_abort(f->txn);
	f->txn = NULL;
	store_close(f->store);
	open_folder(f);
}

void fixture_close(struct fixture *f)
{
	store_abort(f->txn);
	store_close(f->store);
	arena_destroy(f->arena);
	if (f->folder[0] != '\0')
		folder_remove(f->folder);
}

/* ---- transactions ---- */

static void begin(struct fixture *f, enum store_mode mode)
{
	if (f->txn != NULL)
		ok(store_commit(f->txn));
	ok(store_begin(f->store, mode, &f->txn));
}

void writing(struct fixture *f)
{
	begin(f, STORE_WRITE);
}

void reading(struct fixture *f)
{
	begin(f, STORE_READ);
}

void aborting(struct fixture *f)
{
	store_abort(f->txn);
	f->txn = NULL;
}

char *dump(struct fixture *f)
{
	struct store_txn *txn = f->txn;
	char *text;

	if (txn == NULL)
		ok(store_begin(f->store, STORE_READ, &txn));
	ok(store_dump(txn, f->arena, &text));
	if (f->txn == NULL)
		store_abort(txn);
	return text;
}

/* ---- nodes and items ---- */

struct pubsub_node *make_node(struct fixture *f, const char *service, const char *node_id)
{
	struct pubsub_node *node = arena_alloc(f->arena, sizeof *node);

	node->service = arena_strdup(f->arena, service);
	node->node_id = arena_strdup(f->arena, node_id);
	node->creator = "hamlet@denmark.lit";
	node->created_us = 1000;
	node->config = pubsub_node_config_default;
	ok(store_node_create(f->txn, node));
	return node;
}

struct pubsub_node *get_node(struct fixture *f, const char *service, const char *node_id)
{
	struct pubsub_node *node;

	ok(store_node_get(f->txn, service, node_id, f->arena, &node));
	return node;
}

void erase_all(struct fixture *f)
{
	bool more;

	ok(store_erase(f->txn, SIZE_MAX, &more));
	assert_false(more);
}

static void fail_on_problem(void *ctx, const char *text)
{
	(void)ctx;
	fail_msg("%s", text);
}

void assert_whole(struct fixture *f)
{
	const struct store_check check = {.problem = fail_on_problem};
	struct store_checked found;

	reading(f);
	ok(store_check(f->txn, &check, &found));
	aborting(f);
}

uint64_t publish(struct fixture *f, struct pubsub_node *node, const char *id, uint64_t at_us)
{
	char *payload = arena_printf(f->arena, "<%.50s/>", id);
	struct pubsub_item item = {
		.id = id,
		.publisher = "hamlet@denmark.lit",
		.payload = payload,
		.payload_len = strlen(payload),
		.payload_ns = "urn:x",
		.payload_name = "x",
		.published_us = at_us,
	};
	bool replaced;

	ok(store_item_put(f->txn, node, &item, &replaced));
	return item.seq;
}

void expire_after(struct fixture *f, struct pubsub_node *node, uint32_t seconds)
{
	struct pubsub_node_config config = node->config;

	config.item_expire_s = seconds;
	ok(store_node_configure(f->txn, node, &config));
}

const char *ids(struct fixture *f, const struct pubsub_node *node, struct store_item_range range)
{
	struct pubsub_item *items;
	const char *text = "";
	size_t i, n;

	ok(store_items_page(f->txn, node, &range, f->arena, &items, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", items[i].id);
	return text;
}

/* ---- subscriptions ---- */

struct jid jid_of(struct fixture *f, const char *text)
{
	struct jid jid;

	jid_take(text, f->arena, &jid);
	return jid;
}

void subscribe(struct fixture *f, struct pubsub_node *node, const char *jid, const char *sub_id,
	enum pubsub_subscription_state state)
{
	struct pubsub_subscription subscription = {
		.subscriber = jid_of(f, jid),
		.sub_id = sub_id,
		.state = state,
		.options = pubsub_subscribe_options_default,
	};

	ok(store_subscription_put(f->txn, node, &subscription));
}

char *text_of(struct fixture *f, const char *head, char fill, size_t len)
{
	char *text = arena_alloc(f->arena, len + 1);
	size_t head_len = strlen(head);

	memset(text, fill, len);
	memcpy(text, head, head_len < len ? head_len : len);
	return text;
}

static void fill_field(struct fixture *f, const struct pubsub_field *field, char *member)
{
	const char **texts = arena_alloc(f->arena, 2 * sizeof *texts);
	unsigned word;

	texts[0] = arena_printf(f->arena, "%s & <more>", field->var);
	texts[1] = text_of(f, field->var, 'x', 300);
	switch (field->type) {
	case PUBSUB_FIELD_BOOL:
		*(bool *)member = !*(bool *)member;
		break;
	case PUBSUB_FIELD_UINT:
		*(uint32_t *)member = 1000000007u + field->tag;
		break;
	case PUBSUB_FIELD_LIST:
		memcpy(&word, member, sizeof word);
		word = (word + 1) % (unsigned)field->words->n;
		memcpy(member, &word, sizeof word);
		break;
	case PUBSUB_FIELD_TEXT:
		*(const char **)member = texts[field->tag % 2];
		break;
	case PUBSUB_FIELD_TEXTS:
	case PUBSUB_FIELD_JIDS:
		*(struct pubsub_texts *)member = (struct pubsub_texts){texts, 2};
		break;
	case PUBSUB_FIELD_STAMP:
		*(uint64_t *)member = UINT64_C(1700000000000000);
		break;
	default:
		fail_msg("a field type without a case");
	}
}

void fill_fields(struct fixture *f, const struct pubsub_form_type *type, void *members)
{
	size_t i;

	for (i = 0; i < type->n; i++)
		fill_field(f, &type->v[i], (char *)members + type->v[i].offset);
}

#define TESTS_MAX 128

/* ---- the suite ---- */

static void (*open_engine)(struct fixture *f);

static int setup(void **state)
{
	*state = malloc(sizeof(struct fixture));
	open_engine(*state);
	writing(*state);
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

/* One group, for TAP knows one plan. */
int suite_run(const char *engine, void (*open)(struct fixture *f))
{
	static const struct suite *const suites[] = {
		&suite_nodes,
		&suite_items,
		&suite_expiry,
		&suite_publishers,
		&suite_collections,
		&suite_digests,
		&suite_subscriptions,
		&suite_affiliations,
		&suite_contacts,
		&suite_jobs,
		&suite_transactions,
	};
	struct CMUnitTest tests[TESTS_MAX];
	size_t i, k, n = 0;

	open_engine = open;
	for (i = 0; i < ARRAY_COUNT(suites); i++) {
		for (k = 0; k < suites[i]->n; k++, n++) {
			assert_in_range(n, 0, TESTS_MAX - 1);
			tests[n] = suites[i]->tests[k];
			tests[n].setup_func = setup;
			tests[n].teardown_func = teardown;
		}
	}
	return _cmocka_run_group_tests(engine, tests, n, NULL, NULL);
}
