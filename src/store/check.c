/* check.c - every row by itself, every index against what it leads to, every counter against what
 * it counts. A node's rows are neighbours, so that this needs no memory but for the node at
 * hand. */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "peppy/hash.h"
#include "store/rows.h"

#define PROGRESS_EVERY 4096 /* rows */

/* ---- what the files share ---- */

void check_fault_at(struct check *check, enum tree tree, struct bytes key, const char *what)
{
	char hex[2 * ENGINE_KEY_MAX + 1];
	char text[sizeof hex + 256];

	hash_hex(key.data, key.len, hex);
	snprintf(text, sizeof text, "%c %s: %s", tree_letters[tree], hex, what);
	check->found.problems++;
	check->report->problem(check->report->ctx, text);
}

void check_fault(struct check *check, const char *format, ...)
{
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	check_fault_at(check, check->tree, check->row.key, what);
}

void check_unknown(struct check *check)
{
	if (!check->newer)
		check_fault(check, "no row of a known kind");
}

struct bytes check_find(struct check *check, enum tree tree, const struct key *key)
{
	struct bytes value = {0};
	enum pubsub_error err = txn_get(check->txn, tree, key, &value);

	if (err != PUBSUB_OK && check->err == PUBSUB_OK)
		check->err = err;
	return value;
}

bool check_has(struct check *check, enum tree tree, const struct key *key)
{
	return check_find(check, tree, key).data != NULL || check->err != PUBSUB_OK;
}

bool check_is_part(struct bytes raw, const char *text)
{
	struct key key;

	key_init(&key);
	key_add_part(&key, text);
	return bytes_equal(key_bytes(&key), raw);
}

/* ---- tree E ---- */

static bool take_node(struct bytes *rest, struct pubsub_node *out)
{
	return key_take_u32(rest, &out->sid) && key_take_u32(rest, &out->no);
}

static void check_service_name(struct check *check, const struct key_part *part, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);
	uint64_t sid = record_read_varint(&record);
	struct service_record service;
	const char *jid;
	struct key key;

	key_init_node(&key, (uint32_t)sid, 0, SERVICE_RECORD);
	if (record.bad || sid == 0 || rest.len > 0)
		check_fault(check, "no number of a service");
	else if (!service_read(check_find(check, TREE_NODES, &key), &service, &jid) ||
		 !check_is_part(part->raw, jid))
		check_fault(check, "leads to no service of that name");
}

/* Rows that mirror one of a node: its bare part stands behind the node's number there. */
static void check_mirror(struct check *check, const struct key_part *part, struct bytes rest,
	enum node_tag tag, const char *what)
{
	struct pubsub_node node = {0};
	struct key key;

	if (!take_node(&rest, &node)) {
		check_fault(check, "names no node");
		return;
	}
	key_init_node(&key, node.sid, node.no, tag);
	key_add_bytes(&key, part->raw);
	key_add_bytes(&key, rest);
	if (!check_has(check, TREE_NODES, &key))
		check_fault(check, "leads to no %s", what);
}

/* It may outlive the node, and the service. */
static void check_publisher(struct check *check, struct bytes rest)
{
	struct pubsub_node node = {0};

	if (!take_node(&rest, &node) || rest.len > 0)
		check_fault(check, "names no node");
}

static void check_contact_back(struct check *check, const struct key_part *part, struct bytes rest)
{
	struct store_contact contact;
	struct row row;
	struct key key;
	uint32_t sid;

	if (!key_take_u32(&rest, &sid) || rest.len > 0) {
		check_fault(check, "names no service");
		return;
	}
	key_init_node(&key, sid, 0, SERVICE_CONTACT);
	key_add_bytes(&key, part->raw);
	row = (struct row){key_bytes(&key), check_find(check, TREE_NODES, &key)};
	if (!contact_read(&row, check->arena, &contact) || !store_contact_may_see(&contact))
		check_fault(check, "leads to no contact that may see the account's events");
}

static void check_entity_row(struct check *check)
{
	struct bytes rest = check->row.key;
	struct key_part part;
	unsigned tag;

	if (!key_take_u8(&rest, &tag) || !key_take_part(&rest, &part)) {
		check_unknown(check);
		return;
	}
	switch (tag) {
	case ENTITY_SERVICE:
		check_service_name(check, &part, rest);
		break;
	case ENTITY_AFFILIATION:
		check_mirror(check, &part, rest, NODE_AFFILIATION, "affiliation");
		break;
	case ENTITY_SUBSCRIPTION:
		check_mirror(check, &part, rest, NODE_SUBSCRIPTION, "subscription");
		break;
	case ENTITY_CONTACT:
		check_contact_back(check, &part, rest);
		break;
	case ENTITY_ITEMS:
		check_publisher(check, rest);
		break;
	default:
		check_unknown(check);
	}
}

/* ---- trees T and P ---- */

static void check_node_time(struct check *check, uint64_t due_us, struct bytes rest)
{
	struct pubsub_node node = {0};
	struct node_stat stat;
	struct key key;

	if (!take_node(&rest, &node) || rest.len > 0) {
		check_fault(check, "names no node");
		return;
	}
	key_init_node(&key, node.sid, node.no, NODE_STAT);
	if (!node_stat_read(check_find(check, TREE_NODES, &key), &stat) || stat.due_us != due_us)
		check_fault(check, "leads to no node that is due then");
}

static void check_subscription_time(struct check *check, uint64_t due_us, struct bytes rest)
{
	struct pubsub_node node = {0};
	uint64_t kept_us;
	struct key key;

	if (!take_node(&rest, &node)) {
		check_fault(check, "names no subscription");
		return;
	}
	key_init_node(&key, node.sid, node.no, NODE_SUBSCRIPTION);
	key_add_bytes(&key, rest);
	if (!subscription_due_read(check_find(check, TREE_NODES, &key), &kept_us) ||
		kept_us != due_us)
		check_fault(check, "leads to no subscription that is due then");
}

static void check_time_row(struct check *check)
{
	struct bytes rest = check->row.key;
	uint64_t due_us;
	unsigned kind;

	if (!key_take_u8(&rest, &kind) || !key_take_u64(&rest, &due_us))
		check_unknown(check);
	else if (kind == TIME_NODE)
		check_node_time(check, due_us, rest);
	else if (kind == TIME_SUBSCRIPTION)
		check_subscription_time(check, due_us, rest);
	else
		check_unknown(check);
}

static void check_presence_row(struct check *check)
{
	struct store_presence presence;

	if (!presence_read(&check->row, check->arena, &presence))
		check_fault(check, "no presence");
}

/* ---- tree M ---- */

static void meta_key(struct key *key, enum meta_tag tag, struct bytes rest)
{
	key_init(key);
	key_add_u8(key, tag);
	key_add_bytes(key, rest);
}

static bool has_meta(struct check *check, enum meta_tag tag, struct bytes rest)
{
	struct key key;

	meta_key(&key, tag, rest);
	return check_has(check, TREE_META, &key);
}

static void check_erase_row(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);
	struct pubsub_node node = {0};

	record_read_byte(&record);
	if (!take_node(&rest, &node) || rest.len > 0 || record.bad)
		check_fault(check, "names no node to erase");
}

static void check_job_row(struct check *check, struct bytes rest)
{
	struct store_job job = {0};

	check->found.jobs++;
	if (!job_read(&check->row, check->arena, &job))
		check_fault(check, "no job");
	else if (job.id == 0 || job.id > check->last_job)
		check_fault(check, "a job with a number above the last one");
	if (!has_meta(check, META_JOB_DATA, rest))
		check_fault(check, "a job without data");
}

static void check_job_data_row(struct check *check, struct bytes rest)
{
	if (record_read_start(check->row.value).bad)
		check_fault(check, "no data of a job");
	if (!has_meta(check, META_JOB, rest))
		check_fault(check, "data without a job");
}

static void check_caps_row(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value), place;
	struct bytes name;
	struct key key;

	check->caps++;
	key_init(&key);
	key_add_u8(&key, META_CAPS_ORDER);
	key_add_u64(&key, record_read_u64(&record));
	record_read_texts(&record, check->arena);
	place = record_read_start(check_find(check, TREE_META, &key));
	name = record_read_rest(&place);
	if (record.bad)
		check_fault(check, "no capabilities");
	else if (!bytes_equal(name, rest))
		check_fault(check, "capabilities without a place in the order of writing");
}

static void check_caps_order_row(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);
	struct bytes name = record_read_rest(&record);
	uint64_t place = 0;
	struct key key;

	if (record.bad || name.len >= ENGINE_KEY_MAX || !key_take_u64(&rest, &place)) {
		check_fault(check, "no place of capabilities");
		return;
	}
	meta_key(&key, META_CAPS, name);
	record = record_read_start(check_find(check, TREE_META, &key));
	if (record_read_u64(&record) != place || record.bad)
		check_fault(check, "leads to no capabilities");
}

static void check_number_row(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);

	record_read_u64(&record);
	if (record.bad || rest.len > 0)
		check_fault(check, "no number");
}

static void check_silence_row(struct check *check, struct bytes rest)
{
	struct store_silence silence;

	(void)rest;
	if (!silence_read(&check->row, check->arena, &silence))
		check_fault(check, "no domain");
}

static void check_version_row(struct check *check, struct bytes rest)
{
	if (record_read_start(check->row.value).bad || rest.len > 0)
		check_fault(check, "no version");
}

static void check_meta_row(struct check *check)
{
	static void (*const kinds[UINT8_MAX + 1])(struct check *, struct bytes) = {
		[META_CAPS] = check_caps_row,
		[META_CAPS_COUNT] = check_number_row,
		[META_CAPS_ORDER] = check_caps_order_row,
		[META_ERASE] = check_erase_row,
		[META_JOB] = check_job_row,
		[META_JOB_DATA] = check_job_data_row,
		[META_LAST_JOB] = check_number_row,
		[META_LAST_SID] = check_number_row,
		[META_SILENCE] = check_silence_row,
		[META_VERSION] = check_version_row,
	};
	struct bytes rest = check->row.key;
	unsigned tag;

	if (key_take_u8(&rest, &tag) && kinds[tag] != NULL)
		kinds[tag](check, rest);
	else
		check_unknown(check);
}

/* ---- all of it ---- */

static uint64_t read_number(struct check *check, enum meta_tag tag)
{
	struct record record;
	struct key key;
	uint64_t number;

	meta_key(&key, tag, (struct bytes){NULL, 0});
	record = record_read_start(check_find(check, TREE_META, &key));
	number = record_read_u64(&record);
	return record.bad ? 0 : number; /* its own row says if that is wrong */
}

static void begin(struct check *check)
{
	struct record record;
	struct key key;

	check->last_sid = read_number(check, META_LAST_SID);
	check->last_job = read_number(check, META_LAST_JOB);
	check->caps_expected = read_number(check, META_CAPS_COUNT);
	meta_key(&key, META_VERSION, (struct bytes){NULL, 0});
	record = record_read_start(check_find(check, TREE_META, &key));
	record_read_varint(&record);
	check->newer = record_read_varint(&record) > STORE_VERSION_MINOR;
	if (record.bad)
		check_fault_at(check, TREE_META, key_bytes(&key), "no version");
}

static void check_pages(struct check *check)
{
	struct store_usage usage;
	char text[200];

	check->err = store_usage(check->txn, &usage);
	check->rows_expected = usage.rows;
	if (check->err != PUBSUB_OK || usage.lost_bytes == 0)
		return;
	snprintf(text, sizeof text, "%lld bytes of the file are neither in use nor free, or both",
		(long long)usage.lost_bytes);
	check->found.problems++;
	check->report->problem(check->report->ctx, text);
}

static void check_order(struct check *check, struct key *previous)
{
	if (check->row.key.len > ENGINE_KEY_MAX) {
		check_fault(check, "a key that is too long");
		return;
	}
	if (bytes_compare(check->row.key, key_bytes(previous)) <= 0)
		check_fault(check, "out of order");
	key_init(previous);
	key_add_bytes(previous, check->row.key);
}

static void count_row(struct check *check)
{
	const struct store_check *report = check->report;

	if (++check->found.rows % PROGRESS_EVERY == 0 && report->progress != NULL)
		report->progress(report->ctx, check->found.rows, check->rows_expected);
	arena_reset(check->arena);
}

static void check_tree(struct check *check, enum tree tree)
{
	static void (*const rows[TREE_COUNT])(struct check *) = {
		[TREE_NODES] = check_node_row,
		[TREE_ENTITIES] = check_entity_row,
		[TREE_TIMES] = check_time_row,
		[TREE_PRESENCES] = check_presence_row,
		[TREE_META] = check_meta_row,
	};
	struct key previous;
	struct walk walk;

	check->tree = tree;
	key_init(&previous);
	walk_tree(&walk, check->txn, tree);
	while (check->err == PUBSUB_OK) {
		check->err = walk_next(&walk, &check->row);
		if (check->err != PUBSUB_OK || check->row.key.data == NULL)
			break;
		check_order(check, &previous);
		rows[tree](check);
		count_row(check);
	}
}

enum pubsub_error store_check(
	struct store_txn *txn, const struct store_check *report, struct store_checked *out)
{
	struct check check = {.txn = txn, .report = report, .arena = arena_create()};
	int tree;

	begin(&check);
	if (check.err == PUBSUB_OK)
		check_pages(&check);
	for (tree = 0; tree < TREE_COUNT && check.err == PUBSUB_OK; tree++) {
		check_tree(&check, (enum tree)tree);
		if (tree == TREE_NODES)
			check_nodes_end(&check);
	}
	if (check.caps != check.caps_expected && check.err == PUBSUB_OK)
		check_fault_at(&check, TREE_META, (struct bytes){(const unsigned char *)"n", 1},
			"another number of capabilities than there are");
	arena_destroy(check.arena);
	*out = check.found;
	return check.err;
}
