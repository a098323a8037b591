/* Presences come several times, in any order, and nothing says for whom (ejabberd sends a copy for
 * each local resource that gets it): they are told apart by full JID and component. */
#include "presence.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/log.h"
#include "peppy/memory.h"
#include "peppy/number.h"

#include "arrivals.h"
#include "caps.h"
#include "departures.h"
#include "grants.h"
#include "keep.h"
#include "roster.h"

#define STRANGERS_MAX 5000

/* ---- entities ---- */

static void entity_free(void *value)
{
	struct entity *entity = value;
	struct presence *presence;

	while ((presence = TAILQ_FIRST(&entity->presences)) != NULL) {
		TAILQ_REMOVE(&entity->presences, presence, by_entity);
		presence_free(presence);
	}
	free(entity);
}

void presence_open(struct pep *pep)
{
	pep->entities = map_create(0, entity_free);
	pep->strangers = map_create(STRANGERS_MAX, entity_free);
	pep->presence_max = PRESENCE_MAX;
	TAILQ_INIT(&pep->unverified);
}

void presence_close(struct pep *pep)
{
	map_destroy(pep->entities);
	map_destroy(pep->strangers);
}

static bool is_remote(const struct pep *pep, const char *bare)
{
	for (size_t i = 0; i < pep->component_count; i++)
		if (grant_find(pep, i, jid_domain(bare)) != NULL)
			return false;
	return true;
}

static struct entity *entity_of(const struct pep *pep, struct map *map, const char *bare, bool kept)
{
	struct entity *entity = map_find(map, bare);

	if (entity != NULL)
		return entity;
	entity = memory_alloc(offsetof(struct entity, bare) + strlen(bare) + 1);
	strcpy(entity->bare, bare);
	entity->kept = kept;
	entity->remote = is_remote(pep, bare);
	TAILQ_INIT(&entity->presences);
	map_put(map, bare, entity);
	return entity;
}

static struct presence *find_in(struct entity *entity, size_t component, const char *full)
{
	struct presence *presence;

	if (entity == NULL)
		return NULL;
	TAILQ_FOREACH (presence, &entity->presences, by_entity)
		if (presence->component == component && strcmp(presence->full, full) == 0)
			return presence;
	return NULL;
}

static struct entity *entity_of_full(struct map *map, const char *full)
{
	size_t len = strcspn(full, "/");
	char *bare = memory_alloc(len + 1);
	struct entity *entity;

	memcpy(bare, full, len);
	entity = map_find(map, bare);
	free(bare);
	return entity;
}

struct presence *presence_find(struct pep *pep, size_t component, const char *full)
{
	return find_in(entity_of_full(pep->entities, full), component, full);
}

struct presence *presence_twin(const struct presence *presence)
{
	struct presence *other;

	TAILQ_FOREACH (other, &presence->entity->presences, by_entity)
		if (other != presence && strcmp(other->full, presence->full) == 0)
			return other;
	return NULL;
}

/* ---- one comes, one goes ---- */

void presence_free(struct presence *presence)
{
	caps_claim_finish(&presence->claim);
	caps_unref(presence->caps);
	caps_unref(presence->former);
	caps_unref(presence->told);
	free(presence);
}

/* Out of its entity and all lists. */
static void detach(struct pep *pep, struct presence *presence)
{
	struct entity *entity = presence->entity;

	caps_query_leave(pep, presence);
	arrival_drop(pep, presence);
	verify_set(pep, presence, false);
	TAILQ_REMOVE(&entity->presences, presence, by_entity);
	presence->entity = NULL;
	entity->n--;
	if (entity->kept) {
		pep->presence_count--;
		pep->remote_count -= entity->remote;
	}
	if (entity->n == 0)
		map_del(entity->kept ? pep->entities : pep->strangers, entity->bare);
}

void presence_gone(struct pep *pep, struct presence *presence)
{
	detach(pep, presence);
	keep_gone(pep, presence);
}

static struct presence *add_to(
	struct pep *pep, struct entity *entity, size_t component, const char *full)
{
	size_t most = entity->kept ? RESOURCES_MAX : STRANGER_RESOURCES_MAX;
	struct presence *presence;

	if (entity->n >= most) /* the one silent for longest; never the last of its entity */
		presence_gone(pep, TAILQ_FIRST(&entity->presences));
	presence = memory_alloc(offsetof(struct presence, full) + strlen(full) + 1);
	strcpy(presence->full, full);
	presence->entity = entity;
	presence->component = (uint32_t)component;
	TAILQ_INSERT_TAIL(&entity->presences, presence, by_entity);
	entity->n++;
	if (entity->kept) {
		pep->presence_count++;
		pep->remote_count += entity->remote;
	}
	return presence;
}

struct presence *presence_add(struct pep *pep, size_t component, struct jid jid)
{
	const bool remote = pep->remote_count >= pep->presence_max / 2 && is_remote(pep, jid.bare);

	if (pep->presence_count < pep->presence_max && !remote)
		return add_to(
			pep, entity_of(pep, pep->entities, jid.bare, true), component, jid.full);
	if (!pep->full_told)
		log_warning("pep", "more than %zu resources%s are online: %s is not counted",
			remote ? pep->presence_max / 2 : pep->presence_max,
			remote ? " of other servers" : "", jid.full);
	pep->full_told = true;
	return NULL;
}

void presence_promote(struct pep *pep, struct pep_turn *turn, const char *bare)
{
	struct entity *entity = map_take(pep->strangers, bare);
	struct presence *presence, *next;

	if (entity == NULL)
		return;
	map_put(pep->entities, bare, entity);
	entity->kept = true;
	pep->presence_count += entity->n;
	pep->remote_count += entity->remote ? entity->n : 0;
	for (presence = TAILQ_FIRST(&entity->presences); presence != NULL; presence = next) {
		struct caps_claim claim = presence->claim;

		next = TAILQ_NEXT(presence, by_entity);
		presence->claim = (struct caps_claim){0};
		keep_presence(pep, presence);
		if (claim.key != NULL)
			caps_claimed(pep, turn, presence, claim);
		else
			arrival_add(pep, presence);
		caps_claim_finish(&claim);
	}
}

static bool is_in_state(const struct presence *presence, const struct pubsub_texts *states)
{
	return states == NULL || presence->show == NULL ||
	       pubsub_texts_have(*states, presence->show);
}

static bool is_in(struct map *map, struct jid jid, const struct pubsub_texts *states)
{
	const struct entity *entity = map_find(map, jid.bare);
	const struct presence *presence;

	if (entity == NULL)
		return false;
	TAILQ_FOREACH (presence, &entity->presences, by_entity)
		if ((jid.resource == NULL || strcmp(presence->full, jid.full) == 0) &&
			is_in_state(presence, states))
			return true;
	return false;
}

bool presence_is_online(const struct pep *pep, struct jid jid, const struct pubsub_texts *states)
{
	return is_in(pep->entities, jid, states) || is_in(pep->strangers, jid, states);
}

static bool is_seen_by(const struct entity *entity, size_t component)
{
	const struct presence *presence;

	TAILQ_FOREACH (presence, &entity->presences, by_entity)
		if (presence->component == component)
			return true;
	return false;
}

struct pubsub_texts pep_online_users(const struct pep *pep, size_t component, struct arena *arena)
{
	const char **v = arena_alloc(arena, map_count(pep->entities) * sizeof *v), *bare;
	void *cursor = NULL, *entity;
	size_t n = 0;

	while (map_next(pep->entities, &cursor, &bare, &entity))
		if (is_seen_by(entity, component))
			v[n++] = ((const struct entity *)entity)->bare;
	return (struct pubsub_texts){v, n};
}

/* ---- stanzas ---- */

/* RFC 6121 4.7.2.1; what is none of these says no more than that it is available. */
static const char *show_of(const struct xml_element *stanza)
{
	static const char *const states[] = {"away", "chat", "dnd", "xa"};
	const struct xml_element *show = xml_child(stanza, stanza->ns, "show");

	for (size_t i = 0; show != NULL && i < ARRAY_COUNT(states); i++)
		if (strcmp(show->text, states[i]) == 0)
			return states[i];
	return "online";
}

/* Users of the component's own domains, and others that its service or a roster knows. */
static bool is_kept(struct pep *pep, struct pep_turn *turn, size_t component, struct jid jid)
{
	struct pubsub_texts accounts;
	const struct store_entity_range range = {
		.service = pep->components[component].jid, .bare = jid.bare};
	struct store_txn *txn;
	uint64_t n;

	if (map_find(pep->entities, jid.bare) != NULL ||
		grant_find(pep, component, jid.domain) != NULL)
		return true;
	txn = turn->txn(turn->ctx, STORE_READ);
	if (txn == NULL ||
		store_contact_accounts(txn, jid.bare, turn->arena, &accounts) != PUBSUB_OK)
		return false;
	if (accounts.n > 0)
		return true;
	return store_entity_count(txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n) == PUBSUB_OK &&
	       n > 0;
}

/* Of somebody who may yet turn out to be a contact: rosters come after presences. */
static struct presence *stranger_seen(
	struct pep *pep, size_t component, struct jid jid, struct caps_claim claim)
{
	struct entity *entity = entity_of(pep, pep->strangers, jid.bare, false);
	struct presence *presence = find_in(entity, component, jid.full);

	if (presence == NULL)
		presence = add_to(pep, entity, component, jid.full);
	caps_claim_finish(&presence->claim);
	presence->claim = (struct caps_claim){
		.key = memory_strdup(claim.key),
		.node = memory_strdup(claim.node),
		.shared = claim.shared,
	};
	return presence;
}

/* An account's roster may have changed while none of its resources was online. */
static void renew_roster(struct pep *pep, struct pep_turn *turn, const char *account)
{
	if (grant_for_account(pep, account) != NULL && roster_age(turn, account) >= ROSTER_RENEW_US)
		(void)roster_want(pep, turn, account);
}

/* The presence of this JID, made if it is new; it may be a stranger's. NULL: one too many. */
static struct presence *seen(struct pep *pep, struct pep_turn *turn, size_t component,
	struct jid jid, struct caps_claim claim)
{
	struct presence *presence = presence_find(pep, component, jid.full);

	if (presence == NULL && !is_kept(pep, turn, component, jid))
		return stranger_seen(pep, component, jid, claim);
	if (presence == NULL) {
		presence_promote(pep, turn, jid.bare);
		presence = presence_find(pep, component, jid.full);
	}
	if (presence == NULL)
		presence = presence_add(pep, component, jid);
	return presence;
}

/* XEP-0312: in its first presence a client may say how long it was away. */
static uint64_t away_since(const struct xml_element *stanza, uint64_t now_us)
{
	const struct xml_element *ago = xml_child(stanza, NS_AGO, "ago");
	const char *secs = ago != NULL ? xml_attr(ago, "secs") : NULL;
	uint64_t seconds;

	if (secs == NULL || !number_take(&secs, UINT64_MAX, &seconds) || *secs != '\0')
		return 0;
	return seconds < now_us / SECOND_US ? now_us - seconds * SECOND_US : 1;
}

static void available(struct pep *pep, struct pep_turn *turn, size_t component, struct jid jid,
	const struct xml_element *stanza)
{
	struct caps_claim claim = caps_claim_parse(stanza, jid.full, turn->arena);
	struct presence *presence = seen(pep, turn, component, jid, claim);

	if (presence == NULL)
		return;
	presence->show = show_of(stanza);
	if (!presence->entity->kept)
		return;
	if (presence->seen_us == 0) {
		presence->since_us = away_since(stanza, turn->now_us);
		presence->came_us = turn->now_us;
	}
	verify_set(pep, presence, false);
	TAILQ_REMOVE(&presence->entity->presences, presence, by_entity);
	TAILQ_INSERT_TAIL(&presence->entity->presences, presence, by_entity);
	if (claim.key != NULL) /* none: unchanged (XEP-0115 8.4) */
		caps_claimed(pep, turn, presence, claim);
	else if (!presence->greeted)
		arrival_add(pep, presence);
	if (presence->seen_us == 0) {
		keep_presence(pep, presence);
		renew_roster(pep, turn, jid.bare);
	}
	presence->seen_us = turn->now_us;
}

/* From a bare JID: none of its resources can be reached. */
static void unavailable(struct map *map, struct pep *pep, size_t component, struct jid jid)
{
	struct entity *entity = map_find(map, jid.bare);
	struct presence *presence, *next;

	for (presence = entity == NULL ? NULL : TAILQ_FIRST(&entity->presences); presence != NULL;
		presence = next) {
		next = TAILQ_NEXT(presence, by_entity); /* with the last one the entity goes */
		if (presence->component == component &&
			(jid.resource == NULL || strcmp(presence->full, jid.full) == 0))
			presence_gone(pep, presence);
	}
}

void pep_presence(struct pep *pep, struct pep_turn *turn, size_t component,
	const struct xml_element *presence)
{
	const char *from = xml_attr(presence, "from"), *type = xml_attr(presence, "type");
	struct jid jid;

	if (from == NULL || *from == '\0')
		return;
	jid = jid_received(from, turn->arena);
	if (type == NULL) {
		if (jid.resource != NULL)
			available(pep, turn, component, jid, presence);
	} else if (strcmp(type, "unavailable") == 0 || strcmp(type, "error") == 0) {
		unavailable(pep->entities, pep, component, jid);
		unavailable(pep->strangers, pep, component, jid);
		departure_add(pep, component, jid);
	}
}
