/* fail_engine.c - the engine that fails on demand: it counts the calls to another one. */
#include "store/engine.h"

#include <stdlib.h>

#include "peppy/memory.h"

struct fail_engine {
	struct engine base;
	struct engine *inner;
	uint64_t calls;
	uint64_t fail_at; /* 0: never */
	bool onwards;
};

static struct fail_engine *self(const struct engine *engine)
{
	return (struct fail_engine *)engine; /* base is the first member */
}

static bool fails(struct fail_engine *fail)
{
	fail->calls++;
	if (fail->fail_at == 0)
		return false;
	return fail->calls == fail->fail_at || (fail->onwards && fail->calls > fail->fail_at);
}

static enum pubsub_error begin(struct engine *engine, bool write)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED : fail->inner->ops->begin(fail->inner, write);
}

static enum pubsub_error commit(struct engine *engine)
{
	struct fail_engine *fail = self(engine);

	if (!fails(fail))
		return fail->inner->ops->commit(fail->inner);
	fail->inner->ops->abort(fail->inner);
	return PUBSUB_ERR_STORE_FAILED;
}

static void abort_txn(struct engine *engine)
{
	struct fail_engine *fail = self(engine);

	fail->inner->ops->abort(fail->inner);
}

static enum pubsub_error get(
	struct engine *engine, enum tree tree, struct bytes key, struct bytes *value_out)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED
			   : fail->inner->ops->get(fail->inner, tree, key, value_out);
}

static enum pubsub_error put(struct engine *engine, enum tree tree, struct bytes key, size_t len,
	unsigned char **value_out)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED
			   : fail->inner->ops->put(fail->inner, tree, key, len, value_out);
}

static enum pubsub_error del(struct engine *engine, enum tree tree, struct bytes key)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED
			   : fail->inner->ops->del(fail->inner, tree, key);
}

static enum pubsub_error move_cursor(struct engine *engine, enum tree tree, enum engine_move move,
	struct bytes key, struct row *out)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED
			   : fail->inner->ops->move(fail->inner, tree, move, key, out);
}

static enum pubsub_error usage(struct engine *engine, struct engine_usage *out)
{
	struct fail_engine *fail = self(engine);

	return fails(fail) ? PUBSUB_ERR_STORE_FAILED : fail->inner->ops->usage(fail->inner, out);
}

static void close_engine(struct engine *engine)
{
	struct fail_engine *fail = self(engine);

	fail->inner->ops->close(fail->inner);
	free(fail);
}

static const struct engine_ops ops = {
	begin,
	commit,
	abort_txn,
	get,
	put,
	del,
	move_cursor,
	usage,
	close_engine,
	NULL,
};

struct engine *fail_engine_create(struct engine *inner)
{
	struct fail_engine *fail = memory_alloc(sizeof *fail);

	fail->base.ops = &ops;
	fail->inner = inner;
	return &fail->base;
}

void fail_engine_arm(struct engine *engine, uint64_t fail_at, bool onwards)
{
	struct fail_engine *fail = self(engine);

	fail->calls = 0;
	fail->fail_at = fail_at;
	fail->onwards = onwards;
}

uint64_t fail_engine_calls(const struct engine *engine)
{
	return self(engine)->calls;
}
