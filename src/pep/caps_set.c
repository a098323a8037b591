/* caps_set.c - sets of NodeIDs, shared by reference. What all of them take is bounded: everybody can
 * announce sets of his own. */
#include "caps.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#include "caps_hash.h"

#define NODE_IDS_MAX 256           /* of one set ... */
#define NODE_IDS_BYTES (16 * 1024) /* ... together */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t bytes_of(struct pubsub_texts node_ids)
{
	size_t bytes = sizeof(struct caps) + node_ids.n * sizeof(char *);

	for (size_t i = 0; i < node_ids.n; i++)
		bytes += strlen(node_ids.v[i]) + 1;
	return bytes;
}

/* In one piece: the pointers, then the texts. */
static void fill(struct caps *caps, struct pubsub_texts node_ids)
{
	char *text;

	caps->v = (char **)(void *)(caps + 1);
	text = (char *)(caps->v + node_ids.n);
	for (size_t i = 0; i < node_ids.n; i++) {
		caps->v[i] = strcpy(text, node_ids.v[i]);
		text += strlen(text) + 1;
	}
	qsort(caps->v, node_ids.n, sizeof *caps->v, compare);
	for (size_t i = 0; i < node_ids.n; i++)
		if (caps->n == 0 || strcmp(caps->v[caps->n - 1], caps->v[i]) != 0)
			caps->v[caps->n++] = caps->v[i];
}

struct caps *caps_create(struct pep *pep, const struct presence *presence, const char *key,
	struct pubsub_texts node_ids)
{
	size_t *held = &pep->caps_held[presence->entity->remote], bytes = bytes_of(node_ids);
	struct caps *caps;

	if (*held + bytes > pep->caps_max) {
		if (!pep->caps_told)
			log_warning("pep", "there is no room for the capabilities of %s",
				presence->full);
		pep->caps_told = true;
		node_ids.n = 0;
		bytes = sizeof *caps;
		key = NULL;
	}
	caps = memory_alloc(bytes);
	caps->refs = 1;
	caps->bytes = bytes;
	caps->held = held;
	caps->key = memory_strdup(key);
	fill(caps, node_ids);
	*held += bytes;
	return caps;
}

struct caps *caps_ref(struct caps *caps)
{
	if (caps != NULL)
		caps->refs++;
	return caps;
}

void caps_unref(struct caps *caps)
{
	if (caps == NULL || --caps->refs > 0)
		return;
	*caps->held -= caps->bytes;
	free(caps->key);
	free(caps);
}

bool caps_want(const struct caps *caps, const char *node_id)
{
	return caps != NULL &&
	       bsearch(&node_id, caps->v, caps->n, sizeof *caps->v, compare) != NULL;
}

bool caps_equal(const struct caps *a, const struct caps *b)
{
	if (a == NULL || b == NULL)
		return (a == NULL || a->n == 0) && (b == NULL || b->n == 0);
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* The NodeID of a feature NODEID+notify, in the arena; NULL: it is another one. */
static const char *notify_of(const char *feature, struct arena *arena)
{
	size_t len = strlen(feature), suffix = strlen(CAPS_NOTIFY);

	if (len <= suffix || strcmp(feature + len - suffix, CAPS_NOTIFY) != 0)
		return NULL;
	return arena_memdup(arena, feature, len - suffix);
}

struct caps *caps_of_disco(struct pep *pep, const struct presence *presence, const char *key,
	const struct xml_element *query, struct arena *arena)
{
	const char **v = arena_alloc(arena, NODE_IDS_MAX * sizeof *v);
	const struct xml_element *el = xml_child(query, NS_DISCO_INFO, "feature");
	size_t n = 0, bytes = 0;

	for (; el != NULL && n < NODE_IDS_MAX; el = xml_next(el, NS_DISCO_INFO, "feature")) {
		const char *var = xml_attr(el, "var");
		const char *node_id = var == NULL ? NULL : notify_of(var, arena);

		if (node_id == NULL || bytes + strlen(node_id) > NODE_IDS_BYTES)
			continue;
		bytes += strlen(node_id);
		v[n++] = node_id;
	}
	return caps_create(pep, presence, key, (struct pubsub_texts){v, n});
}
