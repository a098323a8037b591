/* job.c - jobs: M j the state, which changes with every slice, M d the data, which does not. */
#include "peppy/store.h"

#include "store/rows.h"
#include "store/txn.h"

static void job_key(struct key *key, enum meta_tag tag, uint64_t id)
{
	key_init(key);
	key_add_u8(key, tag);
	key_add_u64(key, id);
}

static enum pubsub_error take_id(struct store_txn *txn, uint64_t *out)
{
	uint64_t last;
	enum pubsub_error err = txn_number_get(txn, META_LAST_JOB, &last);

	if (err != PUBSUB_OK)
		return err;
	*out = last + 1;
	return txn_number_put(txn, META_LAST_JOB, last + 1);
}

/* A large event is not written again for every step of the cursor. */
static enum pubsub_error data_put(struct store_txn *txn, const struct store_job *job)
{
	const struct bytes data = {(const unsigned char *)job->data, job->data_len};
	struct bytes old;
	struct record record;
	struct key key;
	enum pubsub_error err;

	job_key(&key, META_JOB_DATA, job->id);
	err = txn_get(txn, TREE_META, &key, &old);
	if (err != PUBSUB_OK)
		return err;
	if (old.data != NULL) {
		record = record_read_start(old);
		old = record_read_rest(&record);
		if (bytes_equal(old, data))
			return PUBSUB_OK;
	}
	txn_record(txn);
	return txn_put_with(txn, TREE_META, &key, data);
}

enum pubsub_error store_job_put(struct store_txn *txn, struct store_job *job)
{
	struct buf *record;
	struct key key;
	enum pubsub_error err = job->id == 0 ? take_id(txn, &job->id) : PUBSUB_OK;

	if (err == PUBSUB_OK)
		err = data_put(txn, job);
	if (err != PUBSUB_OK)
		return err;
	record = txn_record(txn);
	record_write_varint(record, job->kind);
	record_write_varint(record, job->starts);
	record_write_varint(record, job->seq);
	record_write_text(record, job->service);
	record_write_text(record, job->node_id);
	record_write_text(record, job->cursor);
	job_key(&key, META_JOB, job->id);
	return txn_put_record(txn, TREE_META, &key);
}

enum pubsub_error store_job_del(struct store_txn *txn, uint64_t id)
{
	struct key key;
	enum pubsub_error err;

	job_key(&key, META_JOB, id);
	err = txn_del(txn, TREE_META, &key);
	if (err != PUBSUB_OK)
		return err;
	job_key(&key, META_JOB_DATA, id);
	return txn_del(txn, TREE_META, &key);
}

bool job_read(const struct row *row, struct arena *arena, struct store_job *out)
{
	struct record record = record_read_start(row->value);
	struct bytes rest = row_rest(row, 1);

	if (!key_take_u64(&rest, &out->id) || rest.len > 0)
		return false;
	out->kind = (unsigned)record_read_varint(&record);
	out->starts = (unsigned)record_read_varint(&record);
	out->seq = record_read_varint(&record);
	out->service = arena_strdup(arena, record_read_text(&record));
	out->node_id = arena_strdup(arena, record_read_text(&record));
	out->cursor = arena_strdup(arena, record_read_text(&record));
	return !record.bad;
}

/* With its data. */
static enum pubsub_error load(
	struct store_txn *txn, const struct row *row, struct arena *arena, struct store_job *out)
{
	struct record record;
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	if (!job_read(row, arena, out))
		return txn_corrupt(txn, TREE_META, row->key);
	job_key(&key, META_JOB_DATA, out->id);
	err = txn_get(txn, TREE_META, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL)
		return txn_corrupt(txn, TREE_META, row->key);
	record = record_read_start(value);
	value = record_read_rest(&record);
	out->data = arena_memdup(arena, value.data, value.len);
	out->data_len = value.len;
	return record.bad ? txn_corrupt(txn, TREE_META, key_bytes(&key)) : PUBSUB_OK;
}

enum pubsub_error store_jobs_page(struct store_txn *txn, uint64_t after_id, size_t limit,
	struct arena *arena, struct store_job **out, size_t *n_out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	key_init(&key);
	key_add_u8(&key, META_JOB);
	walk_start(&walk, txn, TREE_META, &key);
	job_key(&key, META_JOB, after_id);
	walk_after(&walk, &key);
	while (list.n < limit && walk_more(&walk, &row, &err))
		err = load(txn, &row, arena, list_add(&list, sizeof(struct store_job), arena));
	*out = list.v;
	*n_out = list.n;
	return err;
}
