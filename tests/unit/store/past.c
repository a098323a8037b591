#include "past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/txn.h"

/* ---- something of everything ---- */

static const struct pubsub_texts none;

static void put_subscription(
	struct fixture *f, struct pubsub_node *node, struct pubsub_subscription subscription)
{
	ok(store_subscription_put(f->txn, node, &subscription));
}

/* Leases, a digest, all options. */
static void fill_subscriptions(struct fixture *f, struct pubsub_node *node)
{
	struct pubsub_subscription row = {
		.sub_id = "1",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default,
	};

	subscribe(f, node, "romeo@montague.lit", NULL, PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "romeo@montague.lit/orchard", "2", PUBSUB_SUBSCRIPTION_UNCONFIGURED);
	subscribe(f, node, "paris@verona.lit", NULL, PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, node, text_of(f, "long@verona.lit/", 'r', 200), text_of(f, "", 's', 200),
		PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	row.subscriber = jid_of(f, "all@verona.lit");
	fill_fields(f, &pubsub_subscribe_options_type, &row.options);
	row.due_us = row.options.expire_us;
	put_subscription(f, node, row);
	row.subscriber = jid_of(f, "loaded@verona.lit");
	row.due_us = 1; /* in 1.0 peppyctl left it out */
	put_subscription(f, node, row);
	row.subscriber = jid_of(f, "digest@verona.lit");
	row.options = pubsub_subscribe_options_default;
	row.options.digest = true;
	row.due_us = 7000;
	row.digest = (struct pubsub_digest){.due_us = 7000, .bytes = 8};
	put_subscription(f, node, row);
	ok(store_digest_put(f->txn, node, &row, "<event/>", 8));
}

static void fill_node(struct fixture *f)
{
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item bare = {.id = "bare", .published_us = 4000};
	bool replaced;

	publish(f, node, "a", 1000);
	publish(f, node, text_of(f, "", 'i', 300), 2000);
	publish(f, node, "a", 3000);
	ok(store_item_put(f->txn, node, &bare, &replaced));
	ok(store_affiliation_put(f->txn, node, "hamlet@denmark.lit", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliation_put(
		f->txn, node, text_of(f, "long@", 'd', 200), PUBSUB_AFFILIATION_OUTCAST));
	fill_subscriptions(f, node);
}

/* All fields configured; items that expire; items that go with who published them. */
static void fill_account(struct fixture *f)
{
	struct pubsub_node *node = make_node(f, ACCOUNT, text_of(f, "urn:xmpp:", 'n', 200));
	struct pubsub_node_config config = node->config;

	fill_fields(f, &pubsub_node_config_type, &config);
	ok(store_node_configure(f->txn, node, &config));
	node = make_node(f, ACCOUNT, "brief");
	expire_after(f, node, 60);
	publish(f, node, "b", 5000);
	ok(store_publisher_put(f->txn, node, "ophelia@denmark.lit"));
}

/* Deleted with a redirect, and purged: both wait to be erased. */
static void fill_doomed(struct fixture *f)
{
	struct pubsub_node *node = make_node(f, SERVICE, "gone");

	publish(f, node, "a", 1000);
	subscribe(f, node, "romeo@montague.lit", NULL, PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_node_del(f->txn, node, "xmpp:elsewhere.lit?;node=gone"));
	node = make_node(f, SERVICE, "purged");
	publish(f, node, "a", 1000);
	ok(store_node_purge(f->txn, node));
}

static void fill_people(struct fixture *f)
{
	static const char *const groups[] = {"friends", "family"};
	const struct store_contact contacts[] = {
		{"horatio@denmark.lit", STORE_ROSTER_BOTH, {groups, 2}},
		{"yorick@denmark.lit", STORE_ROSTER_TO, none},
	};
	const struct store_presence presence = {jid_of(f, "horatio@denmark.lit/wittenberg"),
		SERVICE, "sha-1 QgayPKawpkPSDYmwT/WM94uAlu0=", 6000};
	const struct store_silence silence = {"silence.lit", 1000, 2000};

	ok(store_roster_put(f->txn, ACCOUNT, contacts, 2, 5000));
	ok(store_presence_put(f->txn, &presence));
	ok(store_caps_put(f->txn, presence.caps, (struct pubsub_texts){groups, 2}));
	ok(store_silence_put(f->txn, &silence));
}

void past_fill(struct fixture *f)
{
	struct store_job job = {.kind = 1,
		.service = SERVICE,
		.node_id = "news",
		.data = "<message/>",
		.data_len = 10,
		.cursor = "romeo@montague.lit",
		.seq = 3};

	fill_node(f);
	fill_account(f);
	fill_doomed(f);
	fill_people(f);
	ok(store_job_put(f->txn, &job));
}

/* ---- dumps ---- */

static void take_away_all(struct store_txn *txn, enum tree tree)
{
	struct walk walk;
	struct row row;
	struct key key;

	for (;;) {
		walk_tree(&walk, txn, tree);
		ok(walk_next(&walk, &row));
		if (row.key.data == NULL)
			return;
		key_init(&key);
		key_add_bytes(&key, row.key);
		ok(txn_del(txn, tree, &key));
	}
}

/* One of the texts of a line, which a blank ends, in place. */
static struct bytes take_bytes(char **rest)
{
	char *text = strsep(rest, " \n"), *from = text, *to = text;
	unsigned byte;

	while (*from != '\0') {
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		assert_int_equal(sscanf(from, "\\%2x", &byte), 1);
		*to++ = (char)byte;
		from += 3;
	}
	return (struct bytes){(const unsigned char *)text, (size_t)(to - text)};
}

static void put_row(struct store_txn *txn, char *line)
{
	const char *letter = strchr(tree_letters, line[0]);
	char *rest = line + 2;
	struct bytes name = take_bytes(&rest), value = take_bytes(&rest);
	struct key key;

	assert_non_null(letter);
	key_init(&key);
	key_add_bytes(&key, name);
	buf_truncate(txn_record(txn), 0);
	ok(txn_put_with(txn, (enum tree)(letter - tree_letters), &key, value));
}

void past_load(struct fixture *f, const char *version)
{
	const char *folder = getenv("srcdir");
	const char *path = arena_printf(f->arena, "%s/tests/unit/store/past/%s.dump",
		folder != NULL ? folder : ".", version);
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	assert_non_null(file);
	for (int tree = 0; tree < TREE_COUNT; tree++)
		take_away_all(f->txn, (enum tree)tree);
	while (getline(&line, &size, file) > 0)
		put_row(f->txn, line);
	free(line);
	fclose(file);
}
