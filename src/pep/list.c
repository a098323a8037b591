/* Contact lists as servers answer them, and what a new list changes. */
#include "list.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"

#include "arrivals.h"
#include "grants.h"
#include "presence.h"
#include "roster.h"

#define CONTACTS_MAX 10000

static enum store_roster_subscription subscription_of(const struct xml_element *item)
{
	static const char *const words[] = {
		[STORE_ROSTER_NONE] = "none",
		[STORE_ROSTER_TO] = "to",
		[STORE_ROSTER_FROM] = "from",
		[STORE_ROSTER_BOTH] = "both",
	};
	const char *word = xml_attr(item, "subscription");

	for (size_t i = 0; word != NULL && i < ARRAY_COUNT(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum store_roster_subscription)i;
	return STORE_ROSTER_NONE;
}

static struct pubsub_texts groups_of(const struct xml_element *item, struct arena *arena)
{
	const struct xml_element *group = xml_child(item, NS_ROSTER, "group");
	size_t n = 0, all = 0;
	const char **v;

	for (const struct xml_element *el = group; el != NULL;
		el = xml_next(el, NS_ROSTER, "group"))
		all++;
	v = arena_alloc(arena, all * sizeof *v);
	for (; group != NULL; group = xml_next(group, NS_ROSTER, "group"))
		if (*group->text != '\0')
			v[n++] = group->text;
	return (struct pubsub_texts){v, n};
}

static int compare(const void *a, const void *b)
{
	return strcmp(
		((const struct store_contact *)a)->jid, ((const struct store_contact *)b)->jid);
}

/* RFC 6121 2.1.2; what is not a contact is left out, of two with the same JID one. Sorted. */
struct list list_parse(const struct xml_element *query, struct arena *arena)
{
	const struct xml_element *item = xml_child(query, NS_ROSTER, "item");
	struct list list = {0};
	size_t n = 0;

	for (const struct xml_element *el = item; el != NULL && n < CONTACTS_MAX;
		el = xml_next(el, NS_ROSTER, "item"))
		n++;
	list.v = arena_alloc(arena, n * sizeof *list.v);
	n = 0;
	for (; item != NULL && n < CONTACTS_MAX; item = xml_next(item, NS_ROSTER, "item")) {
		const char *text = xml_attr(item, "jid");
		struct jid jid;

		if (text == NULL || !jid_parse(text, arena, &jid))
			continue;
		list.v[n++] = (struct store_contact){
			.jid = jid.bare,
			.subscription = subscription_of(item),
			.groups = groups_of(item, arena),
		};
	}
	qsort(list.v, n, sizeof *list.v, compare);
	for (size_t i = 0; i < n; i++)
		if (list.n == 0 || compare(&list.v[list.n - 1], &list.v[i]) != 0)
			list.v[list.n++] = list.v[i];
	return list;
}

static bool is_admitted(const struct store_contact *contact)
{
	return contact != NULL && store_contact_may_see(contact);
}

static bool is_watched(const struct store_contact *contact)
{
	return contact->subscription == STORE_ROSTER_TO ||
	       contact->subscription == STORE_ROSTER_BOTH;
}

/* Who is online, and was not admitted before, gets last items; whose presence came before anybody
 * was known to admit him is no stranger any more. */
static void admit(struct pep *pep, struct pep_turn *turn, const char *account,
	const struct store_contact *contact, bool anew)
{
	struct entity *entity = map_find(pep->entities, contact->jid);
	struct presence *presence;

	if (entity == NULL) {
		presence_promote(pep, turn, contact->jid);
		return;
	}
	if (anew)
		TAILQ_FOREACH (presence, &entity->presences, by_entity)
			arrival_admitted(pep, turn, account, presence);
}

/* What this list says of a subscription to a contact's presence, the contact's own list has to say
 * as well: if ours of it does not, ours is too old. So a new contact is known at his next login. */
static void compare_with_contacts(struct pep *pep, struct pep_turn *turn, struct store_txn *txn,
	const char *account, const struct store_contact *contact)
{
	struct store_contact own;
	uint64_t age_us;
	bool found;

	if (grant_for_roster(pep, contact->jid) == NULL)
		return;
	age_us = roster_age(turn, contact->jid);
	if (age_us == UINT64_MAX || age_us < ROSTER_RENEW_US ||
		store_contact_get(txn, contact->jid, account, turn->arena, &own, &found) !=
			PUBSUB_OK)
		return;
	if (is_watched(contact) != (found && is_admitted(&own)))
		(void)roster_want(pep, turn, contact->jid);
}

static const struct store_contact *list_find(
	const struct list *list, const struct store_contact *contact)
{
	return list->n == 0 ? NULL : bsearch(contact, list->v, list->n, sizeof *list->v, compare);
}

enum pubsub_error list_put(
	struct pep *pep, struct pep_turn *turn, const char *account, struct list list)
{
	struct store_txn *txn = turn->txn(turn->ctx, STORE_WRITE);
	struct list old = {0};
	bool first;
	enum pubsub_error err;

	if (txn == NULL)
		return PUBSUB_ERR_STORE_FAILED;
	first = roster_age(turn, account) == UINT64_MAX;
	err = store_contacts_get(txn, account, turn->arena, &old.v, &old.n);
	if (err == PUBSUB_OK)
		err = store_roster_put(txn, account, list.v, list.n, turn->now_us);
	if (err != PUBSUB_OK)
		return err;
	if (old.n > 0)
		qsort(old.v, old.n, sizeof *old.v, compare);
	for (size_t i = 0; i < list.n; i++) {
		const struct store_contact *contact = &list.v[i];

		if (is_admitted(contact))
			admit(pep, turn, account, contact,
				!first && !is_admitted(list_find(&old, contact)));
		compare_with_contacts(pep, turn, txn, account, contact);
	}
	return PUBSUB_OK;
}
