/* Capabilities: sets of NodeIDs by their keys, and the questions what a key stands for. */
#include "caps.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/hash.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "arrivals.h"
#include "caps_hash.h"
#include "keep.h"

#define NS_CAPS_2 "urn:xmpp:caps"
#define NS_HASHES "urn:xmpp:hashes:2"
#define CACHE_MAX 20000
#define KEY_MAX 200
#define ASKED_MAX 500 /* at a time: not all who come at once may announce hashes */
#define NODE_MAX 1024
#define KEY_END '\x1f' /* ends the key of a query where a JID follows: no character of XML */

static void unref_value(void *value)
{
	caps_unref(value);
}

static void query_free(void *value)
{
	struct caps_query *query = value;

	free(query->key);
	free(query);
}

void caps_open(struct pep *pep)
{
	pep->caps_max = CAPS_BYTES_MAX;
	pep->caps = map_create(CACHE_MAX, unref_value);
	pep->queries = map_create(0, query_free);
	TAILQ_INIT(&pep->idle_queries);
}

void caps_close(struct pep *pep)
{
	map_destroy(pep->caps);
	map_destroy(pep->queries);
}

/* ---- claims ---- */

static bool is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

/* XEP-0390 5.1: the first hash that we can verify. */
static bool parse_hashes(
	const struct xml_element *presence, struct arena *arena, struct caps_claim *out)
{
	const struct xml_element *c = xml_child(presence, NS_CAPS_2, "c");
	const struct xml_element *hash = c == NULL ? NULL : xml_child(c, NS_HASHES, "hash");

	for (; hash != NULL; hash = xml_next(hash, NS_HASHES, "hash")) {
		const char *algorithm = xml_attr(hash, "algo");

		if (!is_given(algorithm) || !is_given(hash->text) || strlen(hash->text) > KEY_MAX ||
			!caps_hash_is_known(algorithm))
			continue;
		*out = (struct caps_claim){.shared = true};
		out->key = arena_printf(arena, CAPS_HASH_PREFIX "%s.%s", algorithm, hash->text);
		out->node = out->key;
		return true;
	}
	return false;
}

/* Short, however long node and JID are, and with no space in it. */
static char *key_of_one(const char *node, const char *full, struct arena *arena)
{
	const char *text = arena_printf(arena, "%s of %s", node, full);
	unsigned char digest[HASH_MAX_SIZE];

	return hash_base64_encode(
		arena, digest, hash_digest("sha-256", text, strlen(text), digest));
}

/* XEP-0115; what cannot be verified, and what is of its time before there were hashes, is asked of
 * everybody who claims it. */
static bool parse_ver(const struct xml_element *presence, const char *full, struct arena *arena,
	struct caps_claim *out)
{
	const struct xml_element *c = xml_child(presence, NS_CAPS, "c");
	const char *node = c == NULL ? NULL : xml_attr(c, "node");
	const char *ver = c == NULL ? NULL : xml_attr(c, "ver");
	const char *hash = c == NULL ? NULL : xml_attr(c, "hash");

	if (!is_given(node) || !is_given(ver) || strlen(node) + strlen(ver) > NODE_MAX)
		return false;
	*out = (struct caps_claim){.node = arena_printf(arena, "%s#%s", node, ver)};
	out->shared = is_given(hash) && strlen(ver) <= KEY_MAX && caps_hash_is_known(hash);
	out->key = out->shared ? arena_printf(arena, "%s %s", hash, ver)
			       : key_of_one(out->node, full, arena);
	return true;
}

struct caps_claim caps_claim_parse(
	const struct xml_element *presence, const char *full, struct arena *arena)
{
	struct caps_claim claim = {0};

	if (!parse_hashes(presence, arena, &claim))
		(void)parse_ver(presence, full, arena, &claim);
	return claim;
}

void caps_claim_finish(struct caps_claim *claim)
{
	free(claim->key);
	free(claim->node);
	*claim = (struct caps_claim){0};
}

static void claim_set(struct presence *presence, struct caps_claim claim)
{
	caps_claim_finish(&presence->claim);
	presence->claim = (struct caps_claim){
		.key = memory_strdup(claim.key),
		.node = memory_strdup(claim.node),
		.shared = claim.shared,
	};
}

/* ---- what is known ---- */

struct caps *caps_known(
	struct pep *pep, struct pep_turn *turn, const struct presence *presence, const char *key)
{
	struct caps *caps = map_find(pep->caps, key);
	struct pubsub_texts node_ids;
	struct store_txn *txn;
	bool found = false;

	if (caps != NULL) {
		pep->lookups.caps_hits++;
		return caps_ref(caps);
	}
	txn = turn->txn(turn->ctx, STORE_READ);
	if (txn == NULL || store_caps_get(txn, key, turn->arena, &node_ids, &found) != PUBSUB_OK ||
		!found) {
		pep->lookups.caps_misses++;
		return NULL;
	}
	pep->lookups.caps_hits++;
	caps = caps_create(pep, presence, key, node_ids);
	if (caps->key != NULL)
		map_put(pep->caps, key, caps_ref(caps));
	return caps;
}

static const char *claimed_key(const struct presence *presence)
{
	if (presence->claim.key != NULL || presence->caps == NULL)
		return presence->claim.key;
	return presence->caps->key;
}

/* One key is enough for all who claim the same. */
static void replace_caps(struct presence *presence, struct caps *caps)
{
	struct caps_claim *claim = &presence->claim;

	if (claim->key == NULL)
		claim->key = memory_strdup(claimed_key(presence));
	caps_unref(presence->former);
	presence->former = presence->caps;
	presence->caps = caps;
	if (claim->key == NULL || caps->key == NULL || strcmp(claim->key, caps->key) != 0)
		return;
	free(claim->key);
	claim->key = NULL;
}

void caps_assign(
	struct pep *pep, struct pep_turn *turn, struct presence *presence, struct caps *caps)
{
	caps_query_leave(pep, presence);
	free(presence->claim.node);
	presence->claim.node = NULL;
	replace_caps(presence, caps);
	presence->wants_us = turn->now_us;
	keep_presence(pep, presence);
	arrival_add(pep, presence);
}

/* ---- questions ---- */

static void query_answered(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *key, const struct xml_element *iq);

static void idle_set(struct pep *pep, struct caps_query *query, bool idle)
{
	if (query->idle == idle)
		return;
	query->idle = idle;
	if (idle)
		TAILQ_INSERT_TAIL(&pep->idle_queries, query, in_idle);
	else
		TAILQ_REMOVE(&pep->idle_queries, query, in_idle);
}

/* Who is asked now; NULL: nobody. */
static void asked_set(struct pep *pep, struct caps_query *query, struct presence *presence)
{
	pep->caps_asked -= query->asked != NULL;
	pep->caps_asked += presence != NULL;
	query->asked = presence;
}

static bool may_ask(const struct pep *pep, const struct presence *presence)
{
	return !presence->refused && pep->up[presence->component];
}

/* Asks the next one who makes the claim, if there is one whose answer was not useless already. */
static void query_ask(struct pep *pep, struct caps_query *query)
{
	struct presence *presence = TAILQ_FIRST(&query->members);
	struct buf payload = {0}, key = {0};
	struct xml_writer w = xml_writer(&payload);
	struct pep_question question;

	idle_set(pep, query, false);
	while (presence != NULL && !may_ask(pep, presence))
		presence = TAILQ_NEXT(presence, by_query);
	if (presence == NULL)
		return;
	if (pep->caps_asked >= ASKED_MAX) {
		idle_set(pep, query, true);
		return;
	}
	asked_set(pep, query, presence);
	xml_start_ns(&w, "query", NS_DISCO_INFO);
	xml_put_attr(&w, "node", presence->claim.node);
	xml_end(&w);
	buf_printf(&key, "%s%c%s", query->key, KEY_END, presence->full);
	buf_append_byte(&key, '\0');
	question = (struct pep_question){
		.component = presence->component,
		.to = presence->full,
		.payload = payload.data,
		.payload_len = payload.len,
		.answer = query_answered,
		.key = key.data,
	};
	pep->port.ask(pep->port.ctx, &question);
	buf_finish(&payload);
	buf_finish(&key);
}

static void query_join(struct pep *pep, struct presence *presence)
{
	struct caps_query *query = map_find(pep->queries, presence->claim.key);

	if (query == NULL) {
		query = memory_alloc(sizeof *query);
		query->key = memory_strdup(presence->claim.key);
		TAILQ_INIT(&query->members);
		map_put(pep->queries, query->key, query);
	}
	presence->query = query;
	presence->refused = false;
	TAILQ_INSERT_TAIL(&query->members, presence, by_query);
	if (query->asked == NULL)
		query_ask(pep, query);
}

void caps_query_leave(struct pep *pep, struct presence *presence)
{
	struct caps_query *query = presence->query;

	if (query == NULL)
		return;
	presence->query = NULL;
	TAILQ_REMOVE(&query->members, presence, by_query);
	if (query->asked == presence) {
		asked_set(pep, query, NULL);
		idle_set(pep, query, true);
	}
	if (TAILQ_EMPTY(&query->members)) {
		idle_set(pep, query, false);
		map_del(pep->queries, query->key);
	}
}

/* The hash was verified: it holds for everybody who announced it. */
static void query_resolve(
	struct pep *pep, struct pep_turn *turn, struct caps_query *query, struct caps *caps)
{
	struct presence *presence, *next;

	map_put(pep->caps, caps->key, caps_ref(caps));
	keep_caps(pep, caps);
	for (presence = TAILQ_FIRST(&query->members); presence != NULL; presence = next) {
		next = TAILQ_NEXT(presence, by_query); /* with the last one the query goes */
		caps_assign(pep, turn, presence, caps_ref(caps));
	}
}

/* An answer that does not fit, or cannot be checked, counts for the one who gave it. */
static void query_take(struct pep *pep, struct pep_turn *turn, struct caps_query *query,
	const struct xml_element *disco)
{
	struct presence *asked = query->asked;
	const bool matches =
		asked->claim.shared && caps_hash_matches(query->key, disco, turn->arena);
	struct caps_query *left;
	struct caps *caps;

	caps = caps_of_disco(pep, asked, matches ? query->key : NULL, disco, turn->arena);
	if (caps->key != NULL) {
		query_resolve(pep, turn, query, caps);
		caps_unref(caps);
		return;
	}
	if (asked->claim.shared && !matches)
		log_info("pep", "the capabilities of %s are not those of their hash", asked->full);
	caps_assign(pep, turn, asked, caps);
	left = map_find(pep->queries, asked->claim.key);
	if (left != NULL && left->asked == NULL)
		query_ask(pep, left);
}

static void query_answered(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *key, const struct xml_element *iq)
{
	const char *end = strchr(key, KEY_END);
	const char *query_key = arena_memdup(turn->arena, key, (size_t)(end - key));
	struct caps_query *query = map_find(pep->queries, query_key);
	const struct xml_element *disco = iq == NULL ? NULL : xml_child(iq, NS_DISCO_INFO, "query");

	/* answered before, or the one who was asked has gone */
	if (query == NULL || query->asked == NULL || query->asked->component != component ||
		strcmp(query->asked->full, end + 1) != 0)
		return;
	if (disco != NULL) {
		query_take(pep, turn, query, disco);
		return;
	}
	query->asked->refused = true;
	arrival_add(pep, query->asked);
	asked_set(pep, query, NULL);
	idle_set(pep, query, true);
}

void caps_claimed(
	struct pep *pep, struct pep_turn *turn, struct presence *presence, struct caps_claim claim)
{
	const char *key = claimed_key(presence);
	struct caps *caps;

	if (key != NULL && strcmp(key, claim.key) == 0) {
		if (presence->query == NULL || !presence->refused)
			return;
		presence->refused = false; /* it has announced it again: it may know by now */
		if (presence->query->asked == NULL)
			query_ask(pep, presence->query);
		return;
	}
	caps_query_leave(pep, presence);
	claim_set(presence, claim);
	caps = claim.shared ? caps_known(pep, turn, presence, claim.key) : NULL;
	if (caps != NULL)
		caps_assign(pep, turn, presence, caps);
	else
		query_join(pep, presence);
}

void caps_lose(struct pep *pep, size_t component)
{
	void *cursor = NULL, *value;
	const char *key;

	while (map_next(pep->queries, &cursor, &key, &value)) {
		struct caps_query *query = value;

		if (query->asked != NULL && query->asked->component == component)
			asked_set(pep, query, NULL);
	}
}

void caps_resume(struct pep *pep)
{
	void *cursor = NULL, *value;
	const char *key;

	while (map_next(pep->queries, &cursor, &key, &value)) {
		struct caps_query *query = value;

		if (query->asked == NULL)
			idle_set(pep, query, true);
	}
}

void caps_tick(struct pep *pep)
{
	struct caps_query *query;

	while (pep->caps_asked < ASKED_MAX && (query = TAILQ_FIRST(&pep->idle_queries)) != NULL)
		query_ask(pep, query);
}
