/* compare.c - whether two stores hold the same rows, whatever they mean: a copy is held against
 * what it was made of, of any format. */
#include "store/txn.h"

#define PROGRESS_EVERY 4096 /* rows */

struct comparison {
	struct store_txn *a, *b;
	const struct store_progress *progress;
	uint64_t rows, of_rows;
	bool same;
};

static void count_row(struct comparison *comparison)
{
	const struct store_progress *progress = comparison->progress;

	if (++comparison->rows % PROGRESS_EVERY == 0 && progress->tell != NULL)
		progress->tell(progress->ctx, "comparing", comparison->rows, comparison->of_rows);
}

static enum pubsub_error compare_tree(struct comparison *comparison, enum tree tree)
{
	struct walk a, b;
	struct row row = {0}, other = {0};
	enum pubsub_error err;

	walk_tree(&a, comparison->a, tree);
	walk_tree(&b, comparison->b, tree);
	do {
		err = walk_next(&a, &row);
		if (err == PUBSUB_OK)
			err = walk_next(&b, &other);
		if (err != PUBSUB_OK)
			return err;
		comparison->same =
			bytes_equal(row.key, other.key) && bytes_equal(row.value, other.value);
		count_row(comparison);
	} while (comparison->same && row.key.data != NULL);
	return PUBSUB_OK;
}

static enum pubsub_error compare_trees(struct comparison *comparison)
{
	struct store_usage usage;
	enum pubsub_error err = store_usage(comparison->a, &usage);

	comparison->of_rows = usage.rows;
	comparison->same = true;
	for (int tree = 0; tree < TREE_COUNT && err == PUBSUB_OK && comparison->same; tree++)
		err = compare_tree(comparison, (enum tree)tree);
	return err;
}

enum pubsub_error store_compare(struct store *store, struct store *other,
	const struct store_progress *progress, bool *same_out)
{
	struct comparison comparison = {.progress = progress};
	enum pubsub_error err = store_begin(store, STORE_READ, &comparison.a);

	if (err == PUBSUB_OK)
		err = store_begin(other, STORE_READ, &comparison.b);
	if (err == PUBSUB_OK)
		err = compare_trees(&comparison);
	store_abort(comparison.b);
	store_abort(comparison.a);
	*same_out = comparison.same;
	return err;
}
