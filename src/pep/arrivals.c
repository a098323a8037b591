/* Last items are due to a presence for what it wants and was not told of yet; so two changes before
 * it is taken make one arrival, and the same stanza twice makes no second one. */
#include "arrivals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

#include "caps.h"
#include "grants.h"
#include "presence.h"
#include "roster.h"

#define WAITERS_MAX 100000 /* in all */

static void waiter_free(void *value)
{
	struct waiter *waiter = value;

	free(waiter->key);
	free(waiter->account);
	free(waiter->full);
	caps_unref(waiter->caps);
	free(waiter);
}

void arrivals_open(struct pep *pep)
{
	TAILQ_INIT(&pep->arrivals);
	TAILQ_INIT(&pep->late);
	TAILQ_INIT(&pep->due);
	pep->waiters = map_create(0, waiter_free);
}

void arrivals_close(struct pep *pep)
{
	map_destroy(pep->waiters);
}

void arrival_add(struct pep *pep, struct presence *presence)
{
	if (presence->arriving || !presence->entity->kept ||
		(presence->query != NULL && !presence->refused))
		return;
	presence->arriving = true;
	TAILQ_INSERT_TAIL(&pep->arrivals, presence, in_arrivals);
}

void arrival_drop(struct pep *pep, struct presence *presence)
{
	if (!presence->arriving)
		return;
	TAILQ_REMOVE(presence->late ? &pep->late : &pep->arrivals, presence, in_arrivals);
	presence->arriving = presence->late = false;
}

/* Whoever came and went too often until now has to wait. */
static bool put_off(struct pep *pep, struct presence *presence)
{
	if (pep->port.may_look_up == NULL ||
		pep->port.may_look_up(pep->port.ctx, presence->component, presence->full))
		return false;
	TAILQ_REMOVE(&pep->arrivals, presence, in_arrivals);
	TAILQ_INSERT_TAIL(&pep->late, presence, in_arrivals);
	presence->late = true;
	return true;
}

void arrivals_tick(struct pep *pep)
{
	struct presence *presence;

	TAILQ_FOREACH (presence, &pep->late, in_arrivals)
		presence->late = false;
	TAILQ_CONCAT(&pep->arrivals, &pep->late, in_arrivals);
}

/* What caps want and told did not. */
static struct pubsub_texts news(
	const struct caps *caps, const struct caps *told, struct arena *arena)
{
	size_t n = caps == NULL ? 0 : caps->n, fresh = 0;
	const char **v = arena_alloc(arena, n * sizeof *v);

	for (size_t i = 0; i < n; i++)
		if (!caps_want(told, caps->v[i]))
			v[fresh++] = arena_strdup(arena, caps->v[i]);
	return (struct pubsub_texts){v, fresh};
}

static void fill(struct pep_arrival *out, const char *full, size_t component,
	const struct caps *caps, struct arena *arena)
{
	*out = (struct pep_arrival){
		.component = component,
		.announced = caps != NULL && caps->n > 0,
	};
	jid_take(full, arena, &out->jid);
}

/* At two components it is greeted by each, but accounts are the same. */
static bool is_twin_greeted(const struct presence *presence)
{
	const struct presence *twin = presence_twin(presence);

	return twin != NULL && twin->greeted;
}

static bool hears_by_twin(const struct presence *presence)
{
	return presence->second && presence_twin(presence) != NULL;
}

static bool next_presence(struct pep *pep, struct arena *arena, struct pep_arrival *out)
{
	struct presence *presence;

	while ((presence = TAILQ_FIRST(&pep->arrivals)) != NULL) {
		if (put_off(pep, presence))
			continue;
		arrival_drop(pep, presence);
		fill(out, presence->full, presence->component, presence->caps, arena);
		out->notify = news(presence->caps, presence->told, arena);
		out->first = !presence->greeted;
		out->since_us = presence->since_us;
		out->came_us = presence->came_us;
		out->wants_us = presence->wants_us;
		if (out->first)
			presence->second = is_twin_greeted(presence);
		presence->greeted = true;
		caps_unref(presence->told);
		presence->told = caps_ref(presence->caps);
		if (out->first || out->notify.n > 0)
			return true;
	}
	return false;
}

static void waiter_drop(struct pep *pep, struct waiters *list, struct waiter *waiter)
{
	TAILQ_REMOVE(list, waiter, link);
	map_del(pep->waiters, waiter->key);
}

static bool next_due(struct pep *pep, struct arena *arena, struct pep_arrival *out)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&pep->due)) != NULL) {
		const struct presence *presence =
			presence_find(pep, waiter->component, waiter->full);

		fill(out, waiter->full, waiter->component, waiter->caps, arena);
		out->notify = news(waiter->caps, NULL, arena);
		out->account = arena_strdup(arena, waiter->account);
		out->since_us = presence != NULL ? presence->since_us : 0;
		out->wants_us = waiter->due_us;
		waiter_drop(pep, &pep->due, waiter);
		if (presence != NULL)
			return true;
	}
	return false;
}

bool pep_arrival_next(struct pep *pep, struct arena *arena, struct pep_arrival *out)
{
	return next_presence(pep, arena, out) || next_due(pep, arena, out);
}

/* ---- last items of one account ---- */

/* Puts somebody into a list; caps is what he wants. Who waits there already gets all at once. NULL:
 * too many wait. */
static struct waiter *wait(struct pep *pep, struct waiters *list, const char *account,
	const struct presence *presence, struct caps *caps)
{
	struct waiter *waiter;
	struct buf key = {0};

	buf_printf(&key, "%s %" PRIu32 " %s", account, presence->component, presence->full);
	buf_append_byte(&key, '\0');
	waiter = map_find(pep->waiters, key.data);
	if (waiter != NULL) {
		caps_unref(waiter->caps);
		waiter->caps = caps_ref(presence->told);
	} else if (map_count(pep->waiters) < WAITERS_MAX) {
		waiter = memory_alloc(sizeof *waiter);
		waiter->key = memory_strdup(key.data);
		waiter->account = memory_strdup(account);
		waiter->full = memory_strdup(presence->full);
		waiter->component = presence->component;
		waiter->caps = caps_ref(caps);
		TAILQ_INSERT_TAIL(list, waiter, link);
		map_put(pep->waiters, waiter->key, waiter);
	}
	buf_finish(&key);
	return waiter;
}

void arrival_admitted(
	struct pep *pep, struct pep_turn *turn, const char *account, struct presence *presence)
{
	struct waiter *waiter;

	/* before it is greeted, its arrival is still to come */
	if (!presence->greeted || presence->told == NULL || hears_by_twin(presence))
		return;
	waiter = wait(pep, &pep->due, account, presence, presence->told);
	if (waiter != NULL)
		waiter->due_us = turn->now_us;
}

void arrivals_settled(struct pep *pep, struct pep_turn *turn, struct roster *roster, bool fetched)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&roster->waiters)) != NULL) {
		if (fetched) {
			waiter->due_us = turn->now_us;
			TAILQ_REMOVE(&roster->waiters, waiter, link);
			TAILQ_INSERT_TAIL(&pep->due, waiter, link);
		} else {
			waiter_drop(pep, &roster->waiters, waiter);
		}
	}
}

/* ---- accounts ---- */

/* Will a roster of the account tell whether the arrival may hear of it? If it is too old, it is
 * fetched, and the arrival comes again, for this account. */
static bool may_hear(struct pep *pep, struct pep_turn *turn, const char *account,
	const struct presence *presence, struct pubsub_texts notify)
{
	struct roster *roster;
	struct caps *caps;

	if (roster_is_fresh(pep, turn, account))
		return true;
	roster = roster_want(pep, turn, account);
	if (roster == NULL)
		return false;
	caps = presence->caps != NULL && notify.n == presence->caps->n
		       ? caps_ref(presence->caps) /* all of them are new */
		       : caps_create(pep, presence, NULL, notify);
	(void)wait(pep, &roster->waiters, account, presence, caps);
	caps_unref(caps);
	return false;
}

enum pubsub_error pep_arrival_accounts(struct pep *pep, struct pep_turn *turn,
	const struct pep_arrival *arrival, struct pubsub_texts *out)
{
	const char *own = arrival->jid.bare;
	const struct presence *presence = presence_find(pep, arrival->component, arrival->jid.full);
	struct pubsub_texts others = {0};
	struct store_txn *txn = turn->txn(turn->ctx, STORE_READ);
	const char **v;
	enum pubsub_error err = PUBSUB_OK;
	size_t n = 0;

	*out = (struct pubsub_texts){0};
	if (txn == NULL)
		return PUBSUB_ERR_STORE_FAILED;
	if (presence == NULL || hears_by_twin(presence))
		return PUBSUB_OK;
	if (arrival->account != NULL)
		others = (struct pubsub_texts){&arrival->account, 1};
	else
		err = store_contact_accounts(txn, own, turn->arena, &others);
	if (err != PUBSUB_OK)
		return err;
	v = arena_alloc(turn->arena, (others.n + 1) * sizeof *v);
	if (arrival->account == NULL && grant_for_account(pep, own) != NULL)
		v[n++] = own;
	for (size_t i = 0; i < others.n; i++)
		if (strcmp(others.v[i], own) != 0 && grant_for_account(pep, others.v[i]) != NULL &&
			may_hear(pep, turn, others.v[i], presence, arrival->notify))
			v[n++] = others.v[i];
	*out = (struct pubsub_texts){v, n};
	return PUBSUB_OK;
}
