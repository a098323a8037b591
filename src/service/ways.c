/* ways.c - several sorted lists of subscriptions as one. A node in no collection has one list,
 * which is walked as it is. */
#include "service/ways.h"

#define PAGE_LEAST 8 /* rows of each list at a time */

void ways_start(struct ways *ways, struct service *service, const struct pubsub_subscription *after,
	size_t page)
{
	for (size_t i = 0; i < ways->n; i++) {
		struct way *way = &ways->v[i];
		size_t share = page / ways->n;

		way->walk = subscription_walk_start(service, way->node);
		way->walk.range.after = after;
		way->walk.range.limit = share > PAGE_LEAST ? share : PAGE_LEAST;
	}
}

static bool comes_before(const struct way *a, const struct way *b)
{
	return store_subscribers_compare(a->row->subscriber, b->row->subscriber) < 0;
}

static const struct pubsub_subscription *take_first(struct ways *ways, struct way **way_out)
{
	const struct pubsub_subscription *row = NULL;
	struct way *first = NULL;

	for (size_t i = 0; i < ways->n; i++) {
		struct way *way = &ways->v[i];

		if (way->row == NULL)
			way->row = subscription_walk_next(&way->walk);
		if (way->row != NULL && (first == NULL || comes_before(way, first)))
			first = way;
	}
	if (first == NULL)
		return NULL;
	*way_out = first;
	row = first->row;
	first->row = NULL;
	return row;
}

const struct pubsub_subscription *ways_next(struct ways *ways, struct way **way_out)
{
	if (ways->n > 1)
		return take_first(ways, way_out);
	*way_out = ways->v;
	return ways->n == 1 ? subscription_walk_next(&ways->v->walk) : NULL;
}

enum pubsub_error ways_finish(struct ways *ways, enum pubsub_error err)
{
	for (size_t i = 0; i < ways->n; i++) {
		enum pubsub_error failed = subscription_walk_finish(&ways->v[i].walk, PUBSUB_OK);

		err = err == PUBSUB_OK ? failed : err;
	}
	return err;
}
