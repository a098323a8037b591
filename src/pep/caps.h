/* caps.h - what those who are online want to hear of (XEP-0115, XEP-0390). */
#ifndef PEP_CAPS_H
#define PEP_CAPS_H

#include "state.h"

void caps_open(struct pep *pep);
void caps_close(struct pep *pep);

/* ---- sets of NodeIDs: caps_set.c ---- */

#define CAPS_BYTES_MAX (32 * 1024 * 1024) /* of local users' sets, and of others' */

/* One reference, for the sake of a presence. Where there is no room for it, one without a key that
 * wants nothing. */
struct caps *caps_create(struct pep *pep, const struct presence *presence, const char *key,
	struct pubsub_texts node_ids);
struct caps *caps_ref(struct caps *caps);                     /* takes NULL */
void caps_unref(struct caps *caps);                           /* takes NULL */
bool caps_want(const struct caps *caps, const char *node_id); /* NULL wants nothing */
bool caps_equal(const struct caps *a, const struct caps *b);

/* The NodeIDs with +notify of a presence's answer to disco#info. */
struct caps *caps_of_disco(struct pep *pep, const struct presence *presence, const char *key,
	const struct xml_element *query, struct arena *arena);

/* ---- claims ---- */

/* What a <presence/> announces, in the arena; key NULL: nothing. */
struct caps_claim caps_claim_parse(
	const struct xml_element *presence, const char *full, struct arena *arena);
void caps_claim_finish(struct caps_claim *claim);

/* Finds out what a claim of the presence stands for, by asking if need be. */
void caps_claimed(
	struct pep *pep, struct pep_turn *turn, struct presence *presence, struct caps_claim claim);

/* Those are its capabilities from now on; takes over the reference. */
void caps_assign(
	struct pep *pep, struct pep_turn *turn, struct presence *presence, struct caps *caps);

/* It goes, or has got its capabilities. */
void caps_query_leave(struct pep *pep, struct presence *presence);

/* The capabilities of a verifiable key, from the cache or the store, with a reference of the
 * caller's, for a presence; NULL: not known. */
struct caps *caps_known(
	struct pep *pep, struct pep_turn *turn, const struct presence *presence, const char *key);

/* A link was lost: no answers come over it; came up: who could not be asked is asked. */
void caps_lose(struct pep *pep, size_t component);
void caps_resume(struct pep *pep);
void caps_tick(struct pep *pep);

#endif
