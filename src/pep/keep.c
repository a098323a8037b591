/* Presences and capabilities in the store: written along with something else or a little later;
 * read at the start. */
#include "keep.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

#include "caps.h"
#include "presence.h"

#define FLUSHED_MAX 2000 /* in one transaction */
#define LOADED_PER_PAGE 1000

void keep_open(struct pep *pep)
{
	TAILQ_INIT(&pep->dirty);
}

void keep_close(struct pep *pep)
{
	struct presence *presence, *next;

	for (presence = TAILQ_FIRST(&pep->dirty); presence != NULL; presence = next) {
		next = TAILQ_NEXT(presence, in_dirty);
		if (presence->entity == NULL)
			presence_free(presence);
	}
	for (size_t i = 0; i < pep->dirty_caps_count; i++)
		caps_unref(pep->dirty_caps[i]);
	free(pep->dirty_caps);
}

void keep_presence(struct pep *pep, struct presence *presence)
{
	if (presence->dirty || !presence->entity->kept)
		return;
	presence->dirty = true;
	TAILQ_INSERT_TAIL(&pep->dirty, presence, in_dirty);
}

void keep_gone(struct pep *pep, struct presence *presence)
{
	if (presence->stored) {
		if (!presence->dirty)
			TAILQ_INSERT_TAIL(&pep->dirty, presence, in_dirty);
		presence->dirty = true;
		return;
	}
	if (presence->dirty)
		TAILQ_REMOVE(&pep->dirty, presence, in_dirty);
	presence_free(presence);
}

void keep_caps(struct pep *pep, struct caps *caps)
{
	pep->dirty_caps = memory_resize(
		pep->dirty_caps, (pep->dirty_caps_count + 1) * sizeof *pep->dirty_caps);
	pep->dirty_caps[pep->dirty_caps_count++] = caps_ref(caps);
}

struct pep_lookups pep_lookups(const struct pep *pep)
{
	return pep->lookups;
}

size_t pep_online(const struct pep *pep)
{
	return pep->presence_count;
}

bool pep_is_dirty(const struct pep *pep)
{
	return pep->dirty_caps_count > 0 || !TAILQ_EMPTY(&pep->dirty);
}

static enum pubsub_error presence_put(const struct pep *pep, struct store_txn *txn,
	const struct presence *presence, struct arena *arena)
{
	const struct pep_component *component = &pep->components[presence->component];
	struct store_presence row = {
		.component = component->jid,
		.caps = presence->caps == NULL ? NULL : presence->caps->key,
		.seen_us = presence->seen_us,
	};

	jid_take(presence->full, arena, &row.jid);
	if (presence->entity == NULL)
		return store_presence_del(txn, row.jid, row.component);
	return store_presence_put(txn, &row);
}

enum pubsub_error pep_flush(struct pep *pep, struct pep_turn *turn)
{
	struct store_txn *txn = turn->txn(turn->ctx, STORE_WRITE);
	enum pubsub_error err = txn == NULL ? PUBSUB_ERR_STORE_FAILED : PUBSUB_OK;
	struct presence *presence;

	pep->flushing = pep->caps_flushing = 0;
	while (err == PUBSUB_OK && pep->caps_flushing < pep->dirty_caps_count &&
		pep->caps_flushing < FLUSHED_MAX) {
		const struct caps *caps = pep->dirty_caps[pep->caps_flushing++];

		err = store_caps_put(txn, caps->key,
			(struct pubsub_texts){(const char *const *)caps->v, caps->n});
	}
	TAILQ_FOREACH (presence, &pep->dirty, in_dirty) {
		if (err != PUBSUB_OK || pep->flushing == FLUSHED_MAX)
			break;
		err = presence_put(pep, txn, presence, turn->arena);
		pep->flushing++;
	}
	return err;
}

void pep_flushed(struct pep *pep)
{
	for (size_t i = 0; i < pep->caps_flushing; i++)
		caps_unref(pep->dirty_caps[i]);
	pep->dirty_caps_count -= pep->caps_flushing;
	if (pep->dirty_caps_count > 0)
		memmove(pep->dirty_caps, pep->dirty_caps + pep->caps_flushing,
			pep->dirty_caps_count * sizeof *pep->dirty_caps);
	for (; pep->flushing > 0; pep->flushing--) {
		struct presence *presence = TAILQ_FIRST(&pep->dirty);

		TAILQ_REMOVE(&pep->dirty, presence, in_dirty);
		presence->dirty = false;
		presence->stored = true;
		if (presence->entity == NULL)
			presence_free(presence);
	}
	pep->caps_flushing = 0;
}

/* ---- the start ---- */

static bool component_find(const struct pep *pep, const char *jid, size_t *out)
{
	for (size_t i = 0; i < pep->component_count; i++) {
		if (strcmp(pep->components[i].jid, jid) != 0)
			continue;
		*out = i;
		return true;
	}
	return false;
}

/* What it wanted it was told of: it is the same session, as far as anybody knows. */
static void take(struct pep *pep, struct pep_turn *turn, const struct store_presence *row)
{
	struct presence *presence;
	size_t component;

	if (!component_find(pep, row->component, &component) ||
		presence_find(pep, component, row->jid.full) != NULL)
		return;
	presence = presence_add(pep, component, row->jid);
	if (presence == NULL)
		return;
	presence->stored = presence->greeted = true;
	presence->seen_us = row->seen_us;
	if (row->caps != NULL)
		presence->caps = caps_known(pep, turn, presence, row->caps);
	if (presence->caps != NULL) {
		presence->told = caps_ref(presence->caps);
		presence->claim.shared = true;
	}
	verify_set(pep, presence, true);
}

/* Two pages are at hand at a time: one begins where the other ends. */
enum pubsub_error pep_load(struct pep *pep, struct pep_turn *turn)
{
	struct arena *page = arena_create(), *next = arena_create(), *swap;
	const struct store_presence *after = NULL;
	struct store_txn *txn = turn->txn(turn->ctx, STORE_READ);
	enum pubsub_error err = txn != NULL ? PUBSUB_OK : PUBSUB_ERR_STORE_FAILED;
	struct store_presence *rows;
	size_t n = LOADED_PER_PAGE;

	while (err == PUBSUB_OK && n == LOADED_PER_PAGE) {
		arena_reset(next);
		err = store_presences_page(txn, after, LOADED_PER_PAGE, next, &rows, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			take(pep, turn, &rows[i]);
		after = n == 0 ? NULL : &rows[n - 1];
		swap = page;
		page = next;
		next = swap;
	}
	arena_destroy(page);
	arena_destroy(next);
	return err;
}
