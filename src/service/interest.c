/* interest.c - clients that announced interest, among the recipients of an event (XEP-0163 4.3). */
#include <stdlib.h>
#include <string.h>

#include "service/access.h"
#include "service/fanout.h"

static int compare_interests(const void *a, const void *b)
{
	const struct interest *x = a, *y = b;
	int by_bare = strcmp(x->jid.bare, y->jid.bare);

	return by_bare != 0 ? by_bare : strcmp(x->jid.full, y->jid.full);
}

/* Without the roster contacts are missing; only models by which contacts are admitted as such are
 * worth waiting for it. */
static bool needs_roster(const struct pubsub_node *node)
{
	return node->config.access_model == PUBSUB_ACCESS_OPEN ||
	       node->config.access_model == PUBSUB_ACCESS_PRESENCE ||
	       node->config.access_model == PUBSUB_ACCESS_ROSTER;
}

enum pubsub_error fanout_load_interests(struct fanout *f)
{
	const struct contacts *contacts = f->service->contacts;
	enum contacts_answer answer = CONTACTS_NO;
	struct contacts_interest *clients = NULL;
	size_t n = 0;

	/* without payloads there is nothing that a client could use unasked */
	if (!f->service->profile->implicit || !f->node->config.deliver_payloads)
		return PUBSUB_OK;
	answer = contacts->interested(
		contacts->ctx, f->node->service, f->node->node_id, f->service->arena, &clients, &n);
	if (answer == CONTACTS_UNKNOWN && needs_roster(f->node) && !f->service->expired)
		return PUBSUB_ERR_NEED_ROSTER;
	if (answer == CONTACTS_NO || n == 0)
		return PUBSUB_OK;
	f->interests = arena_alloc(f->service->arena, n * sizeof *f->interests);
	for (size_t i = 0; i < n; i++) {
		struct interest *interest = &f->interests[f->interest_count];

		if (f->published_seq != 0 && clients[i].since_us > f->published_seq)
			continue;
		interest->jid = clients[i].jid;
		interest->sub_ids.arena = f->service->arena;
		f->interest_count++;
	}
	qsort(f->interests, f->interest_count, sizeof *f->interests, compare_interests);
	return PUBSUB_OK;
}

/* The first interest of a bare JID or one behind it. */
static size_t find_interest(const struct fanout *f, const char *bare)
{
	size_t low = 0, high = f->interest_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(f->interests[mid].jid.bare, bare) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* What an explicit subscription adds to an interest. */
static void merge(
	const struct fanout *f, struct interest *interest, const struct pubsub_subscription *row)
{
	if (fanout_is_collected(f, row)) {
		interest->digested = true;
		return;
	}
	interest->subscribed = true;
	interest->wants_body |= row->options.include_body;
	if (fanout_has_sub_ids(f) && row->sub_id != NULL)
		texts_add(&interest->sub_ids, arena_strdup(f->service->arena, row->sub_id));
}

bool fanout_merge_interest(struct fanout *f, const struct pubsub_subscription *row)
{
	bool merged = false;

	for (size_t i = find_interest(f, row->subscriber.bare); i < f->interest_count; i++) {
		struct interest *interest = &f->interests[i];

		if (!jid_equal_bare(interest->jid, row->subscriber))
			break;
		if (row->subscriber.resource != NULL && !jid_equal(interest->jid, row->subscriber))
			continue;
		merged = true;
		merge(f, interest, row);
	}
	return merged;
}

void fanout_append_client(struct fanout *f, const struct interest *interest)
{
	fanout_append(f, (struct pubsub_recipient){
				 .jid = interest->jid.full,
				 .sub_ids = texts_list(&interest->sub_ids),
				 .wants_body = interest->wants_body,
				 .may_see_publisher = true, /* interested() yields nobody else */
			 });
}

enum pubsub_error fanout_append_interest(struct fanout *f, const struct interest *interest)
{
	enum access_admission admission = ACCESS_ADMITTED;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;

	if (interest->digested && !interest->subscribed)
		return PUBSUB_OK;
	if (!interest->subscribed) {
		err = affiliation_roll_find(
			f->service, f->node, &f->roll, interest->jid.bare, &affiliation);
		if (err == PUBSUB_OK)
			err = access_settle(
				f->service, access_admission_of_contact(f->service, f->node,
						    affiliation, interest->jid.bare, &admission));
	}
	if (err != PUBSUB_OK || admission != ACCESS_ADMITTED)
		return err;
	fanout_append_client(f, interest);
	return PUBSUB_OK;
}

/* ---- page by page ---- */

/* The subscriptions of exactly this JID: rows come later, and must not be waited for. Where there
 * are interests there are no collections. */
static enum pubsub_error merge_rows(struct fanout *f, struct interest *interest, struct jid jid)
{
	const struct way *own = f->ways.v;
	struct subscriptions list = {0};
	enum pubsub_error err = subscription_list(f->service, own->node, jid, &list);

	for (size_t i = 0; err == PUBSUB_OK && i < list.n; i++) {
		bool hears = false;

		if (list.v[i].since_seq > own->seq)
			continue;
		err = fanout_judge(f, own, &list.v[i], &hears);
		if (hears)
			merge(f, interest, &list.v[i]);
	}
	return err;
}

static enum pubsub_error add_interest(struct fanout *f, struct interest *interest)
{
	enum pubsub_error err = merge_rows(f, interest, jid_bare(interest->jid));

	if (err == PUBSUB_OK)
		err = merge_rows(f, interest, interest->jid);
	return err == PUBSUB_OK ? fanout_append_interest(f, interest) : err;
}

static size_t find_behind(const struct fanout *f, const char *full)
{
	struct interest place = {0};
	size_t i = 0;

	jid_take(full, f->service->arena, &place.jid);
	while (i < f->interest_count && compare_interests(&f->interests[i], &place) <= 0)
		i++;
	return i;
}

enum pubsub_error fanout_add_interests(
	struct fanout *f, const char *after, size_t limit, const char **last_out)
{
	const size_t first = after != NULL ? find_behind(f, after) : 0;
	const size_t left = f->interest_count - first, n = left < limit ? left : limit;
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = first; err == PUBSUB_OK && i < first + n; i++)
		err = add_interest(f, &f->interests[i]);
	*last_out = n < left ? f->interests[first + n - 1].jid.full : NULL;
	return err;
}
