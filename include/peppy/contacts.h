/* contacts.h - who may see whom, and who is online: what the rules ask of Personal Eventing.
 * Floor 3. The presence and roster access models, presence-based delivery and implicit
 * subscriptions rely on it; where no contact lists are known, its answers are no. */
#ifndef PEPPY_CONTACTS_H
#define PEPPY_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/jid.h"
#include "peppy/pubsub.h"

enum contacts_answer {
	CONTACTS_NO,
	CONTACTS_YES,
	CONTACTS_UNKNOWN /* a roster has to be fetched first: PUBSUB_ERR_NEED_ROSTER */
};

/* A client that is online and wants to hear of something. */
struct contacts_interest {
	struct jid jid;    /* full */
	uint64_t since_us; /* 0: from before it is known */
};

struct contacts {
	void *ctx;

	/* Is this account's contact list available at all? */
	bool (*has_list)(void *ctx, const char *account);

	/* Does the account let the contact see its presence (subscription from or both)? Bare JIDs;
	 * an account is its own contact. */
	enum contacts_answer (*subscribed)(void *ctx, const char *account, const char *contact);

	/* Is the contact in one of these groups of the account's roster? */
	enum contacts_answer (*in_groups)(
		void *ctx, const char *account, const char *contact, struct pubsub_texts groups);

	/* Clients that are online and want events of node_id (+notify) of this service: resources
	 * of the account and of contacts that it lets see its presence, in arena, no order, each
	 * once. Whoever is not the account must still be judged, but by the presence access model
	 * is admitted. UNKNOWN: the account's own only. */
	enum contacts_answer (*interested)(void *ctx, const char *service, const char *node_id,
		struct arena *arena, struct contacts_interest **out, size_t *n_out);

	/* Is this JID (bare: any resource) known to be available? */
	bool (*available)(void *ctx, struct jid jid);

	/* Is it available in one of these states (RFC 6121 4.7.2.1, "online" for no <show/>)?
	 * Whoever was online before a restart counts as being in all of them until a presence
	 * arrives. */
	bool (*shows)(void *ctx, struct jid jid, struct pubsub_texts states);
};

#endif
