/* dump.c - every row of the store as a line of text: tree, key, value. */
#include "peppy/store_upkeep.h"

#include "store/txn.h"

static void append(struct buf *buf, struct bytes bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		if (bytes.data[i] > ' ' && bytes.data[i] < 0x7f && bytes.data[i] != '\\')
			buf_append_byte(buf, (char)bytes.data[i]);
		else
			buf_printf(buf, "\\%02x", bytes.data[i]);
	}
}

static enum pubsub_error append_tree(struct store_txn *txn, enum tree tree, struct buf *buf)
{
	struct walk walk;
	struct row row;
	enum pubsub_error err;

	walk_tree(&walk, txn, tree);
	for (;;) {
		err = walk_next(&walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			return err;
		buf_append_byte(buf, tree_letters[tree]);
		buf_append_byte(buf, ' ');
		append(buf, row.key);
		buf_append_byte(buf, ' ');
		append(buf, row.value);
		buf_append_byte(buf, '\n');
	}
}

enum pubsub_error store_dump(struct store_txn *txn, struct arena *arena, char **out)
{
	struct buf buf = {0};
	enum pubsub_error err = PUBSUB_OK;
	int tree;

	for (tree = 0; tree < TREE_COUNT && err == PUBSUB_OK; tree++)
		err = append_tree(txn, (enum tree)tree, &buf);
	if (err == PUBSUB_OK)
		*out = arena_memdup(arena, buf.data, buf.len);
	buf_finish(&buf);
	return err;
}
