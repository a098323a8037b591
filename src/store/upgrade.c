/* upgrade.c - a store of an older format becomes one of ours. What it was is copied into a folder
 * beside it and held against it; then all steps are one transaction, so that a crash at any moment
 * leaves the old store or the new one. */
#include "store/upgrade.h"

#include <unistd.h>

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/log.h"
#include "store/rows.h"

#define TELL_EVERY 4096 /* rows */
#define LOG_EVERY_US UINT64_C(10000000)
#define COPIES_MAX 9 /* of one day, that differ */
#define DATE_LEN (sizeof "2026-11-20" - 1)

/* ---- the version ---- */

static void version_key(struct key *key)
{
	key_init(key);
	key_add_u8(key, META_VERSION);
}

enum pubsub_error version_get(struct store_txn *txn, struct store_version *out)
{
	struct record record;
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	*out = (struct store_version){0};
	version_key(&key);
	err = txn_get(txn, TREE_META, &key, &value);
	if (err != PUBSUB_OK || (value.data == NULL && txn->mode == STORE_WRITE))
		return err;
	record = record_read_start(value);
	out->major = record_read_varint(&record);
	out->minor = record_read_varint(&record);
	if (record.bad || out->major == 0)
		return txn_corrupt(txn, TREE_META, key_bytes(&key));
	if (out->major <= STORE_VERSION_MAJOR)
		return PUBSUB_OK;
	log_error("store", "the store has format %llu, this peppy knows up to %d",
		(unsigned long long)out->major, STORE_VERSION_MAJOR);
	return PUBSUB_ERR_STORE_VERSION;
}

enum pubsub_error version_put(struct store_txn *txn)
{
	struct buf *record = txn_record(txn);
	struct key key;

	version_key(&key);
	record_write_varint(record, STORE_VERSION_MAJOR);
	record_write_varint(record, STORE_VERSION_MINOR);
	return txn_put_record(txn, TREE_META, &key);
}

/* ---- how far it is ---- */

struct teller {
	const struct store_progress *to;
	uint64_t logged_us, of_rows;
};

static void tell(struct teller *teller, const char *doing, uint64_t done, uint64_t of)
{
	const uint64_t now_us = clock_monotonic_us();

	if (teller->to->tell != NULL)
		teller->to->tell(teller->to->ctx, doing, done, of);
	if (of == 0 || now_us < teller->logged_us + LOG_EVERY_US)
		return;
	log_info("store", "%s the store: %u %%", doing, (unsigned)(done * 100 / of));
	teller->logged_us = now_us;
}

static void tell_comparing(void *ctx, const char *doing, uint64_t done, uint64_t of)
{
	tell(ctx, doing, done, of);
}

/* ---- steps ---- */

/* Since 2: subscriptions that peppyctl had loaded with a lease had no time at which somebody looks
 * at them, and would never have ended. rest: what follows the tag in the key. */
static enum pubsub_error time_lease(struct store_txn *txn, struct pubsub_node *node,
	const struct row *row, struct bytes rest, struct arena *arena)
{
	struct pubsub_subscription subscription = {0};
	enum pubsub_error err;

	if (!subscription_read(rest, row->value, arena, &subscription))
		return txn_corrupt(txn, TREE_NODES, row->key);
	if (subscription.options.expire_us == 0 || subscription.due_us != 0)
		return PUBSUB_OK;
	subscription.due_us = 1; /* whoever looks at it sets the next time */
	err = store_subscription_put(txn, node, &subscription);
	return err == PUBSUB_ERR_NODE_NOT_FOUND ? PUBSUB_OK : err; /* it waits to be erased */
}

/* Since 3: the stat stood before the configuration. Leases are timed behind it. */
static enum pubsub_error move_stat(
	struct store_txn *txn, const struct pubsub_node *node, struct bytes value)
{
	struct buf *record = &txn->store->record;
	struct key key;
	enum pubsub_error err;

	buf_truncate(record, 0);
	buf_append(record, value.data, value.len);
	key_init_node(&key, node->sid, node->no, NODE_STAT_BEFORE_3);
	err = txn_del(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	key_init_node(&key, node->sid, node->no, NODE_STAT);
	return txn_put_record(txn, TREE_NODES, &key);
}

static enum pubsub_error renew_row(
	struct store_txn *txn, const struct row *row, struct arena *arena, bool *written_out)
{
	struct bytes rest = row->key;
	struct pubsub_node node = {0};
	unsigned tag;

	*written_out = false;
	if (!key_take_u32(&rest, &node.sid) || !key_take_u32(&rest, &node.no) ||
		!key_take_u8(&rest, &tag))
		return txn_corrupt(txn, TREE_NODES, row->key);
	if (node.no == 0 || (tag != NODE_STAT_BEFORE_3 && tag != NODE_SUBSCRIPTION))
		return PUBSUB_OK;
	*written_out = true;
	return tag == NODE_SUBSCRIPTION ? time_lease(txn, &node, row, rest, arena)
					: move_stat(txn, &node, row->value);
}

static enum pubsub_error renew_rows(struct store_txn *txn, struct teller *teller)
{
	struct arena *arena = arena_create();
	struct walk walk;
	struct row row;
	struct key key;
	uint64_t rows = 0;
	enum pubsub_error err = PUBSUB_OK;

	walk_tree(&walk, txn, TREE_NODES);
	while (err == PUBSUB_OK) {
		bool written;

		err = walk_next(&walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			break;
		key_init(&key);
		key_add_bytes(&key, row.key);
		err = renew_row(txn, &row, arena, &written);
		if (written)
			walk_after(&walk, &key);
		if (++rows % TELL_EVERY == 0)
			tell(teller, "upgrading", rows, teller->of_rows);
		arena_reset(arena);
	}
	arena_destroy(arena);
	return err;
}

/* One for each older major version: a single walk brings it to ours. */
static const struct upgrade {
	unsigned from, to;
	enum pubsub_error (*step)(struct store_txn *txn, struct teller *teller);
} upgrades[] = {
	{1, 3, renew_rows},
	{2, 3, renew_rows},
};

static enum pubsub_error run_steps(
	struct store_txn *txn, struct store_version *version, struct teller *teller)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < ARRAY_COUNT(upgrades); i++) {
		if (upgrades[i].from != version->major)
			continue;
		tell(teller, "upgrading", 0, teller->of_rows);
		err = upgrades[i].step(txn, teller);
		version->major = upgrades[i].to;
	}
	*version = (struct store_version){STORE_VERSION_MAJOR, STORE_VERSION_MINOR};
	return err == PUBSUB_OK ? version_put(txn) : err;
}

enum pubsub_error upgrade_steps(struct store *store, const struct store_progress *progress)
{
	struct teller teller = {.to = progress, .logged_us = clock_monotonic_us()};
	struct store_version version = store->version;
	struct store_usage usage;
	struct store_txn *txn;
	enum pubsub_error err = usage_read(store, &usage);

	if (err == PUBSUB_OK)
		err = store_begin(store, STORE_WRITE, &txn);
	if (err != PUBSUB_OK)
		return err;
	teller.of_rows = usage.rows;
	err = run_steps(txn, &version, &teller);
	if (err == PUBSUB_OK)
		err = store_commit(txn);
	else
		store_abort(txn);
	if (err == PUBSUB_OK)
		store->version = version;
	return err;
}

/* ---- the copy ---- */

static enum pubsub_error compare_with(
	struct store *store, const char *path, struct teller *teller, bool *same_out)
{
	const struct store_progress progress = {tell_comparing, teller};
	struct store *copy;
	enum pubsub_error err = store_open_any(path, &copy);

	*same_out = false;
	if (err != PUBSUB_OK)
		return err;
	err = store_compare(store, copy, &progress, same_out);
	store_close(copy);
	return err;
}

static enum pubsub_error make_copy(struct store *store, const char *path, struct teller *teller)
{
	struct store_usage usage;
	bool same;
	enum pubsub_error err = usage_read(store, &usage);

	if (err != PUBSUB_OK)
		return err;
	tell(teller, "copying", 0, usage.file_bytes - usage.free_bytes);
	err = store_copy(store, path);
	if (err == PUBSUB_OK)
		err = compare_with(store, path, teller, &same);
	if (err != PUBSUB_OK || same)
		return err;
	log_error("store", "%s: the copy differs from the original", path);
	return PUBSUB_ERR_STORE_FAILED;
}

static char *copy_name(
	const struct store *store, const char *path, unsigned nth, struct arena *arena)
{
	const struct store_version *version = &store->version;
	char stamp[CLOCK_STAMP_SIZE];
	char *name;

	clock_stamp_render(clock_wall_us(), stamp);
	name = arena_printf(arena, "%s/before-upgrade-%llu.%llu-%.*s", path,
		(unsigned long long)version->major, (unsigned long long)version->minor,
		(int)DATE_LEN, stamp);
	return nth == 1 ? name : arena_printf(arena, "%s-%u", name, nth);
}

/* An upgrade that was killed has left its copy: if that is what the store holds, it is taken, so
 * that one that is killed time and again does not fill the disk. */
static enum pubsub_error keep_copy(struct store *store, const struct store_options *opt,
	struct teller *teller, struct arena *arena)
{
	enum pubsub_error err = PUBSUB_OK;
	bool same = false;

	for (unsigned nth = 1; err == PUBSUB_OK && !same && nth <= COPIES_MAX; nth++) {
		const char *name = copy_name(store, opt->path, nth, arena);
		const char *file = arena_printf(arena, "%s/data.mdb", name);

		same = access(file, F_OK) != 0;
		err = same ? make_copy(store, name, teller)
			   : compare_with(store, name, teller, &same);
		if (err == PUBSUB_OK && same)
			log_info("store", "the store as it was before the upgrade is kept in %s",
				name);
	}
	if (err != PUBSUB_OK || same)
		return err;
	log_error("store", "%s: too many copies from before an upgrade", opt->path);
	return PUBSUB_ERR_STORE_FAILED;
}

enum pubsub_error upgrade_run(struct store *store, const struct store_options *opt)
{
	struct teller teller = {.to = &opt->progress, .logged_us = clock_monotonic_us()};
	struct arena *arena = arena_create();
	enum pubsub_error err;

	log_info("store", "the store has format %llu.%llu: upgrading it to %d.%d",
		(unsigned long long)store->version.major, (unsigned long long)store->version.minor,
		STORE_VERSION_MAJOR, STORE_VERSION_MINOR);
	err = keep_copy(store, opt, &teller, arena);
	if (err == PUBSUB_OK)
		err = upgrade_steps(store, &opt->progress);
	if (err == PUBSUB_OK)
		log_info("store", "the store has been upgraded");
	else
		log_error("store", "the store has not been upgraded: it is as it was");
	arena_destroy(arena);
	return err;
}
