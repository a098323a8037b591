/* What the rules ask: rosters from the store, presences from memory. */
#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#include "caps.h"
#include "grants.h"
#include "presence.h"
#include "roster.h"

/* What is known of a contact: he who comes online is judged at one node after the other. */
struct acquaintance {
	const char *account, *contact;
	struct store_contact row; /* if found */
	bool found;
	uint64_t age_us; /* of the list */
};

struct scope { /* contacts->ctx */
	struct pep *pep;
	struct pep_turn *turn;
	struct acquaintance last; /* looked up; account NULL: none */
};

/* ---- rosters ---- */

/* Told once a grant: presence and roster access models let nobody in but the account. */
static void tell_no_roster(struct pep *pep, const char *account)
{
	struct grant *grant = grant_for_account(pep, account);

	if (grant == NULL || grant->told)
		return;
	grant->told = true;
	log_warning("pep",
		"%s does not grant access to rosters: contacts of its accounts get nothing",
		grant->domain);
}

static enum contacts_answer miss(struct pep *pep, const char *account)
{
	pep->lookups.roster_misses++;
	free(pep->missed);
	pep->missed = memory_strdup(account);
	return CONTACTS_UNKNOWN;
}

static bool has_list(void *ctx, const char *account)
{
	const struct scope *scope = ctx;

	return grant_for_roster(scope->pep, account) != NULL;
}

typedef bool (*suits_fn)(const struct store_contact *contact, struct pubsub_texts groups);

/* NULL: the turn is lost. */
static const struct acquaintance *look_up(
	struct scope *scope, const char *account, const char *contact)
{
	struct arena *arena = scope->turn->arena;
	struct acquaintance *last = &scope->last;
	struct store_txn *txn = scope->turn->txn(scope->turn->ctx, STORE_READ);

	if (last->account != NULL && strcmp(last->account, account) == 0 &&
		strcmp(last->contact, contact) == 0)
		return last;
	last->account = NULL;
	if (txn == NULL || store_contact_get(txn, account, contact, arena, &last->row,
				   &last->found) != PUBSUB_OK)
		return NULL;
	last->age_us = roster_age(scope->turn, account);
	last->account = arena_strdup(arena, account);
	last->contact = arena_strdup(arena, contact);
	return last;
}

/* A permission holds as long as the list, a refusal but a moment: then the list is fetched anew. */
static enum contacts_answer judge(struct scope *scope, const char *account, const char *contact,
	suits_fn suits, struct pubsub_texts groups)
{
	const struct acquaintance *known;

	if (strcmp(account, contact) == 0)
		return CONTACTS_YES;
	if (grant_for_roster(scope->pep, account) == NULL) {
		tell_no_roster(scope->pep, account);
		return CONTACTS_NO;
	}
	known = look_up(scope, account, contact);
	if (known == NULL)
		return CONTACTS_NO;
	if (known->age_us < ROSTER_TTL_US && known->found && suits(&known->row, groups)) {
		scope->pep->lookups.roster_hits++;
		return CONTACTS_YES;
	}
	if (known->age_us < ROSTER_REFUSAL_US || roster_failed(scope->pep, scope->turn, account)) {
		scope->pep->lookups.roster_hits++;
		return CONTACTS_NO;
	}
	return miss(scope->pep, account);
}

static bool sees_presence(const struct store_contact *contact, struct pubsub_texts groups)
{
	(void)groups;
	return store_contact_may_see(contact);
}

static bool is_in_group(const struct store_contact *contact, struct pubsub_texts groups)
{
	for (size_t i = 0; i < contact->groups.n; i++)
		if (pubsub_texts_have(groups, contact->groups.v[i]))
			return true;
	return false;
}

static enum contacts_answer subscribed(void *ctx, const char *account, const char *contact)
{
	return judge(ctx, account, contact, sees_presence, (struct pubsub_texts){0});
}

static enum contacts_answer in_groups(
	void *ctx, const char *account, const char *contact, struct pubsub_texts groups)
{
	return judge(ctx, account, contact, is_in_group, groups);
}

/* ---- presences ---- */

/* A resource that is there by two components counts once. */
static bool stands_before(const struct presence *presence, const char *node_id)
{
	const struct presence *other;

	TAILQ_FOREACH (other, &presence->entity->presences, by_entity) {
		if (other == presence)
			return false;
		if (strcmp(other->full, presence->full) == 0 && caps_want(other->caps, node_id))
			return true;
	}
	return false;
}

static void append_interested(struct pep *pep, const char *bare, const char *node_id,
	struct arena *arena, struct buf *found)
{
	const struct entity *entity = map_find(pep->entities, bare);
	const struct presence *presence;

	if (entity == NULL)
		return;
	TAILQ_FOREACH (presence, &entity->presences, by_entity) {
		struct contacts_interest interest = {.since_us = presence->wants_us};

		if (!caps_want(presence->caps, node_id) || stands_before(presence, node_id))
			continue;
		if (caps_want(presence->former, node_id))
			interest.since_us = 0;
		jid_take(presence->full, arena, &interest.jid);
		buf_append(found, &interest, sizeof interest);
	}
}

/* Events go by a list that may miss the newest contacts: they get what they missed when it has been
 * fetched again, as last items, for the event does not wait for it. */
static void renew(struct scope *scope, const char *account)
{
	if (roster_age(scope->turn, account) >= ROSTER_RENEW_US)
		(void)roster_want(scope->pep, scope->turn, account);
}

/* Of the contacts; UNKNOWN: the list has to be fetched first. */
static enum contacts_answer append_contacts(struct scope *scope, const char *account,
	const char *node_id, struct arena *arena, struct buf *found)
{
	struct store_contact *contacts;
	struct store_txn *txn;
	size_t n;

	if (grant_for_roster(scope->pep, account) == NULL) {
		tell_no_roster(scope->pep, account);
		return CONTACTS_YES;
	}
	if (!roster_is_fresh(scope->pep, scope->turn, account)) {
		if (roster_failed(scope->pep, scope->turn, account))
			return CONTACTS_YES;
		return miss(scope->pep, account);
	}
	renew(scope, account);
	txn = scope->turn->txn(scope->turn->ctx, STORE_READ);
	if (txn == NULL || store_contacts_get(txn, account, arena, &contacts, &n) != PUBSUB_OK)
		return CONTACTS_NO; /* the turn is lost */
	for (size_t i = 0; i < n; i++)
		if (sees_presence(&contacts[i], (struct pubsub_texts){0}) &&
			strcmp(contacts[i].jid, account) != 0)
			append_interested(scope->pep, contacts[i].jid, node_id, arena, found);
	return CONTACTS_YES;
}

static enum contacts_answer interested(void *ctx, const char *service, const char *node_id,
	struct arena *arena, struct contacts_interest **out, size_t *n_out)
{
	struct scope *scope = ctx;
	struct buf found = {0};
	enum contacts_answer answer;

	append_interested(scope->pep, service, node_id, arena, &found);
	answer = append_contacts(scope, service, node_id, arena, &found);
	*n_out = found.len / sizeof **out;
	*out = arena_alloc(arena, found.len);
	if (found.len > 0)
		memcpy(*out, found.data, found.len);
	buf_finish(&found);
	return answer;
}

static bool available(void *ctx, struct jid jid)
{
	const struct scope *scope = ctx;

	return presence_is_online(scope->pep, jid, NULL);
}

static bool shows(void *ctx, struct jid jid, struct pubsub_texts states)
{
	const struct scope *scope = ctx;

	return presence_is_online(scope->pep, jid, &states);
}

struct pubsub_texts pep_resources(const struct pep *pep, const char *account, struct arena *arena)
{
	const struct entity *entity = map_find(pep->entities, account);
	const struct presence *presence;
	const char **v;
	size_t n = 0;

	if (entity == NULL)
		return (struct pubsub_texts){0};
	v = arena_alloc(arena, entity->n * sizeof *v);
	TAILQ_FOREACH (presence, &entity->presences, by_entity)
		if (presence_twin(presence) == NULL || !presence->second)
			v[n++] = arena_strdup(arena, presence->full);
	return (struct pubsub_texts){v, n};
}

struct contacts pep_contacts(struct pep *pep, struct pep_turn *turn)
{
	struct scope *scope = arena_alloc(turn->arena, sizeof *scope);

	*scope = (struct scope){.pep = pep, .turn = turn};
	return (struct contacts){
		.ctx = scope,
		.has_list = has_list,
		.subscribed = subscribed,
		.in_groups = in_groups,
		.interested = interested,
		.available = available,
		.shows = shows,
	};
}
