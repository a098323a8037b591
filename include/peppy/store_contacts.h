/* store_contacts.h - what the store keeps of people: contact lists, presences, capabilities; and of
 * domains that cannot be reached.
 * Floor 2. What store.h says of errors, and of how long what is handed out is valid, holds here. */
#ifndef PEPPY_STORE_CONTACTS_H
#define PEPPY_STORE_CONTACTS_H

#include "peppy/store.h"

/* ---- contact lists of accounts (the roster as last fetched) ---- */

enum store_roster_subscription { /* RFC 6121 2.1.2.5 */
	STORE_ROSTER_NONE,
	STORE_ROSTER_TO,
	STORE_ROSTER_FROM,
	STORE_ROSTER_BOTH
};

struct store_contact {
	const char *jid; /* bare */
	enum store_roster_subscription subscription;
	struct pubsub_texts groups;
};

/* Does the account let the contact see its presence, and so its events (subscription from, both)? */
bool store_contact_may_see(const struct store_contact *contact);

/* Replaces the whole list. fetched_us: wall clock. */
MUST_CHECK enum pubsub_error store_roster_put(struct store_txn *txn, const char *account,
	const struct store_contact *contacts, size_t n, uint64_t fetched_us);

/* The list may have changed since it was fetched: from now on that was STORE_ROSTER_DOUBTED.
 * Nothing happens if there is none. */
#define STORE_ROSTER_DOUBTED 1 /* us */
MUST_CHECK enum pubsub_error store_roster_doubt(struct store_txn *txn, const char *account);

/* Deletes at most limit contacts; *more_out false: there are no more, and nothing is left of the
 * list. */
MUST_CHECK enum pubsub_error store_roster_erase(
	struct store_txn *txn, const char *account, size_t limit, bool *more_out);

/* *fetched_us_out 0: never fetched. */
MUST_CHECK enum pubsub_error store_roster_fetched(
	struct store_txn *txn, const char *account, uint64_t *fetched_us_out);

/* *found_out false: not in the list. */
MUST_CHECK enum pubsub_error store_contact_get(struct store_txn *txn, const char *account,
	const char *contact, struct arena *arena, struct store_contact *out, bool *found_out);

/* The list, in the arena. */
MUST_CHECK enum pubsub_error store_contacts_get(struct store_txn *txn, const char *account,
	struct arena *arena, struct store_contact **out, size_t *n_out);

/* Accounts in whose list the contact stands and may see. In the arena. */
MUST_CHECK enum pubsub_error store_contact_accounts(
	struct store_txn *txn, const char *contact, struct arena *arena, struct pubsub_texts *out);

/* ---- presences and capabilities, so that they outlive a restart ---- */

struct store_presence {
	struct jid jid;        /* full */
	const char *component; /* the component whose server sent it */
	const char *caps;      /* key of the capabilities, NULL: none */
	uint64_t seen_us;
};
MUST_CHECK enum pubsub_error store_presence_put(
	struct store_txn *txn, const struct store_presence *presence);
MUST_CHECK enum pubsub_error store_presence_del(
	struct store_txn *txn, struct jid jid, const char *component);

/* All of them, page by page: after NULL starts. In the arena. */
MUST_CHECK enum pubsub_error store_presences_page(struct store_txn *txn,
	const struct store_presence *after, size_t limit, struct arena *arena,
	struct store_presence **out, size_t *n_out);

/* Capabilities: a key ("sha-1 VER") and the NodeIDs that are wanted with +notify. Of more than
 * 20 000 the one written longest ago goes. */
MUST_CHECK enum pubsub_error store_caps_put(
	struct store_txn *txn, const char *key, struct pubsub_texts notify);
MUST_CHECK enum pubsub_error store_caps_get(struct store_txn *txn, const char *key,
	struct arena *arena, struct pubsub_texts *notify_out, bool *found_out);

/* ---- domains that cannot be reached: what is sent there comes back ---- */

struct store_silence {
	const char *domain;
	uint64_t since_us, last_us; /* wall clock: when that was seen first, and last */
};
MUST_CHECK enum pubsub_error store_silence_put(
	struct store_txn *txn, const struct store_silence *silence);
MUST_CHECK enum pubsub_error store_silence_del(struct store_txn *txn, const char *domain);

/* All of them, page by page: after NULL starts. In the arena. */
MUST_CHECK enum pubsub_error store_silences_page(struct store_txn *txn, const char *after,
	size_t limit, struct arena *arena, struct store_silence **out, size_t *n_out);

#endif
