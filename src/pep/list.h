/* list.h - a contact list (RFC 6121 2), from the answer into the store. */
#ifndef PEP_LIST_H
#define PEP_LIST_H

#include "state.h"

struct list {
	struct store_contact *v; /* sorted by JID, each once */
	size_t n;
};

/* What is no contact is left out. In the arena; texts are the answer's. */
struct list list_parse(const struct xml_element *query, struct arena *arena);

/* Replaces the account's list; who is let in by it, and online, is due to get last items. */
MUST_CHECK enum pubsub_error list_put(
	struct pep *pep, struct pep_turn *turn, const char *account, struct list list);

#endif
