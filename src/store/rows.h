/* rows.h - keys and readers of rows that the check shares with the operations; each is in the file
 * of its operation. Readers return false for what is no such row; texts are not copied where there
 * is no arena.
 * Private to src/store. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "peppy/store_contacts.h"
#include "store/item.h"
#include "store/node.h"
#include "store/service.h"
#include "store/txn.h"

void service_name_key(struct key *key, const char *service); /* in tree E */
bool service_read(struct bytes value, struct service_record *out, const char **jid_out);

/* Of a node that lives, or a redirect in its place. */
struct name_row {
	bool redirects;
	uint32_t no;
	const char *redirect;
};
void node_name_key(struct key *key, uint32_t sid, const char *node_id);
bool node_name_read(struct bytes value, struct name_row *out);
bool node_stat_read(struct bytes value, struct node_stat *out);
bool node_config_read(struct bytes value, struct arena *arena, struct pubsub_node *out);

void item_id_key(struct key *key, const struct pubsub_node *node, const char *item_id);
void node_due_key(struct key *key, const struct pubsub_node *node, uint64_t due_us);

/* Of a collection with its child (N 50), or the other way round (N 51). */
void relation_key(
	struct key *key, const struct pubsub_node *node, enum node_tag tag, uint32_t other_no);

bool affiliation_read(const struct row *row, struct arena *arena, struct pubsub_affiliate *out);

/* The subscription whose key in N 40 ends in rest; node has its node_id. */
enum pubsub_error subscription_get(struct store_txn *txn, const struct pubsub_node *node,
	struct bytes rest, struct arena *arena, struct pubsub_subscription *out);
bool subscription_due_read(struct bytes value, uint64_t *out);

/* rest: the key of N 40 behind the node's prefix, three parts. */
#define SUBSCRIPTION_PARTS 3
void subscription_due_key(
	struct key *key, uint64_t due_us, const struct pubsub_node *node, struct bytes rest);
bool subscription_read(struct bytes rest, struct bytes value, struct arena *arena,
	struct pubsub_subscription *out);

bool contact_read(const struct row *row, struct arena *arena, struct store_contact *out);
void contact_back_key(struct key *key, uint32_t sid, struct bytes jid_part); /* in tree E */

bool presence_read(const struct row *row, struct arena *arena, struct store_presence *out);

bool silence_read(const struct row *row, struct arena *arena, struct store_silence *out);

bool job_read(const struct row *row, struct arena *arena, struct store_job *out); /* without data */

#endif
