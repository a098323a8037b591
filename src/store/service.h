/* service.h - the record of a service: its number and how many nodes it has.
 * Private to src/store. */
#ifndef STORE_SERVICE_H
#define STORE_SERVICE_H

#include "store/txn.h"

struct service_record {
	uint32_t sid;     /* 0: there is no such service */
	uint32_t last_no; /* of the node made last */
	uint64_t nodes;
};

enum pubsub_error service_find(
	struct store_txn *txn, const char *service, uint32_t *sid_out); /* 0: there is none */
enum pubsub_error service_make(struct store_txn *txn, const char *service, uint32_t *sid_out);

enum pubsub_error service_get(struct store_txn *txn, uint32_t sid, struct service_record *out);

/* In the arena. */
enum pubsub_error service_jid(
	struct store_txn *txn, uint32_t sid, struct arena *arena, const char **out);
enum pubsub_error service_put(
	struct store_txn *txn, const char *service, const struct service_record *record);

#endif
