/* Fetching contact lists. Requests wait for theirs; what only last items need is fetched a few at a
 * time, for after a start whole servers come online at once. */
#include "roster.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#include "arrivals.h"
#include "grants.h"
#include "list.h"

#define ASKED_MAX 50 /* at a time, of those wanted */

void roster_open(struct pep *pep)
{
	pep->rosters = map_create(0, free);
	pep->settled = map_create(0, NULL);
	TAILQ_INIT(&pep->wanted);
}

void roster_close(struct pep *pep)
{
	map_destroy(pep->rosters);
	map_destroy(pep->settled);
	free(pep->missed);
}

static struct roster *roster_of(struct pep *pep, const char *account)
{
	struct roster *roster = map_find(pep->rosters, account);

	if (roster != NULL)
		return roster;
	roster = memory_alloc(offsetof(struct roster, account) + strlen(account) + 1);
	strcpy(roster->account, account);
	TAILQ_INIT(&roster->waiters);
	map_put(pep->rosters, account, roster);
	return roster;
}

/* ---- how old ---- */

static uint64_t age(uint64_t now_us, uint64_t then_us)
{
	return then_us == 0 || then_us > now_us ? UINT64_MAX : now_us - then_us;
}

uint64_t roster_age(struct pep_turn *turn, const char *account)
{
	struct store_txn *txn = turn->txn(turn->ctx, STORE_READ);
	uint64_t fetched_us;

	if (txn == NULL || store_roster_fetched(txn, account, &fetched_us) != PUBSUB_OK)
		return UINT64_MAX;
	return age(turn->now_us, fetched_us);
}

bool roster_is_fresh(struct pep *pep, struct pep_turn *turn, const char *account)
{
	return grant_for_roster(pep, account) != NULL && roster_age(turn, account) < ROSTER_TTL_US;
}

bool roster_failed(struct pep *pep, struct pep_turn *turn, const char *account)
{
	const struct roster *roster = map_find(pep->rosters, account);

	return roster != NULL && age(turn->now_us, roster->failed_us) < ROSTER_REFUSAL_US;
}

/* ---- asking ---- */

static void roster_answered(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *account, const struct xml_element *iq);

static void want_set(struct pep *pep, struct roster *roster, bool wanted)
{
	if (roster->wanted == wanted)
		return;
	roster->wanted = wanted;
	if (wanted)
		TAILQ_INSERT_TAIL(&pep->wanted, roster, in_wanted);
	else
		TAILQ_REMOVE(&pep->wanted, roster, in_wanted);
}

static void ask(struct pep *pep, struct roster *roster, const struct grant *grant)
{
	static const char payload[] = "<query xmlns='" NS_ROSTER "'/>";
	const struct pep_question question = {
		.component = grant->component,
		.to = roster->account,
		.payload = payload,
		.payload_len = sizeof payload - 1,
		.answer = roster_answered,
		.key = roster->account,
	};

	want_set(pep, roster, false);
	roster->asked = true;
	roster->component = (uint32_t)grant->component;
	pep->rosters_asked++;
	pep->port.ask(pep->port.ctx, &question);
}

const char *pep_roster_fetch(struct pep *pep, struct pep_turn *turn)
{
	const char *account = arena_strdup(turn->arena, pep->missed);
	const struct grant *grant = account == NULL ? NULL : grant_for_roster(pep, account);
	struct roster *roster;

	free(pep->missed);
	pep->missed = NULL;
	if (grant == NULL)
		return NULL;
	roster = roster_of(pep, account);
	if (!roster->asked)
		ask(pep, roster, grant);
	return account;
}

static void ask_wanted(struct pep *pep)
{
	struct roster *roster, *next;

	for (roster = TAILQ_FIRST(&pep->wanted); roster != NULL && pep->rosters_asked < ASKED_MAX;
		roster = next) {
		const struct grant *grant = grant_for_roster(pep, roster->account);

		next = TAILQ_NEXT(roster, in_wanted);
		if (grant != NULL) /* else its link is down: it is wanted still */
			ask(pep, roster, grant);
	}
}

struct roster *roster_want(struct pep *pep, struct pep_turn *turn, const char *account)
{
	struct roster *roster;

	if (grant_for_roster(pep, account) == NULL || roster_failed(pep, turn, account))
		return NULL;
	roster = roster_of(pep, account);
	if (!roster->asked)
		want_set(pep, roster, true);
	ask_wanted(pep);
	return roster;
}

bool pep_roster_renew(struct pep *pep, struct pep_turn *turn, const char *account)
{
	return roster_want(pep, turn, account) != NULL;
}

/* Nothing is known of it that the store does not know: it goes. */
static void forget_if_idle(struct pep *pep, struct pep_turn *turn, struct roster *roster)
{
	if (!roster->asked && !roster->wanted && TAILQ_EMPTY(&roster->waiters) &&
		age(turn->now_us, roster->failed_us) >= ROSTER_REFUSAL_US)
		map_del(pep->rosters, roster->account);
}

/* ---- answers ---- */

static void asked_end(struct pep *pep, struct roster *roster)
{
	if (roster->asked)
		pep->rosters_asked--;
	roster->asked = false;
}

static void roster_answered(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *account, const struct xml_element *iq)
{
	const struct xml_element *query = iq == NULL ? NULL : xml_child(iq, NS_ROSTER, "query");
	struct roster *roster = roster_of(pep, account);
	bool fetched = query != NULL;

	if (iq == NULL && !roster->asked) /* the link was lost, or the turn is run again */
		return;
	if (fetched && list_put(pep, turn, account, list_parse(query, turn->arena)) != PUBSUB_OK)
		return; /* the turn is lost, and the answer comes again when it is run again */
	asked_end(pep, roster);
	roster->failed_us = fetched ? 0 : turn->now_us;
	if (!fetched)
		log_info("pep", "%s did not send the roster of %s", pep->components[component].jid,
			account);
	map_put(pep->settled, account, pep->settled);
	arrivals_settled(pep, turn, roster, fetched);
	forget_if_idle(pep, turn, roster);
	if (iq != NULL) /* else several may have failed, and the next second will do */
		ask_wanted(pep);
}

void roster_lose(struct pep *pep, size_t component)
{
	void *cursor = NULL, *value;
	const char *account;

	while (map_next(pep->rosters, &cursor, &account, &value)) {
		struct roster *roster = value;

		if (!roster->asked || roster->component != component)
			continue;
		asked_end(pep, roster);
		if (!TAILQ_EMPTY(&roster->waiters))
			want_set(pep, roster, true);
	}
}

struct pubsub_texts pep_rosters_settled(struct pep *pep, struct arena *arena)
{
	const char **v = arena_alloc(arena, map_count(pep->settled) * sizeof *v);
	const char *account;
	void *cursor = NULL, *value;
	size_t n = 0;

	while (map_next(pep->settled, &cursor, &account, &value)) {
		v[n++] = arena_strdup(arena, account);
		map_del(pep->settled, account);
	}
	return (struct pubsub_texts){v, n};
}

void roster_tick(struct pep *pep, struct pep_turn *turn)
{
	void *cursor = NULL, *value;
	const char *account;

	ask_wanted(pep);
	while (map_next(pep->rosters, &cursor, &account, &value))
		forget_if_idle(pep, turn, value);
}

/* ---- pushes ---- */

/* XEP-0356 4.4: from the account's bare JID, over the link on which its rosters are granted. */
bool pep_roster_push(
	struct pep *pep, struct pep_turn *turn, size_t component, const struct xml_element *iq)
{
	const char *from = xml_attr(iq, "from");
	const struct grant *grant;
	struct store_txn *txn;
	struct jid jid;

	if (!xml_attr_is(iq, "type", "set") || from == NULL ||
		xml_child(iq, NS_ROSTER, "query") == NULL || !jid_parse(from, turn->arena, &jid) ||
		jid.resource != NULL || jid.local == NULL)
		return false;
	grant = grant_find(pep, component, jid.domain);
	if (grant == NULL || !grant->roster)
		return false;
	txn = turn->txn(turn->ctx, STORE_WRITE);
	if (txn != NULL && store_roster_doubt(txn, jid.bare) == PUBSUB_OK &&
		roster_age(turn, jid.bare) != UINT64_MAX)
		(void)roster_want(pep, turn, jid.bare);
	log_debug("pep", "the roster of %s has changed", jid.bare);
	return true;
}
