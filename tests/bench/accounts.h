/* accounts.h - the server's part in Personal Eventing: delegation (XEP-0355), privileges
 * (XEP-0356), rosters, and clients that are asked for their capabilities (XEP-0115). */
#ifndef BENCH_ACCOUNTS_H
#define BENCH_ACCOUNTS_H

#include <stdint.h>

#include "peppy/buf.h"
#include "scan.h"

#define ACCOUNTS_VER_SIZE 32

struct accounts {
	/* u<first>… are in everybody's roster, and they in theirs. */
	uint64_t first_contact, contacts;
	unsigned nodes;              /* clients want the nodes n0 … of accounts */
	char ver[ACCOUNTS_VER_SIZE]; /* of these clients */

	/* for all to read */
	uint64_t rosters, infos; /* how often peppyd has asked */
};

/* Fills in ver; contacts and nodes are set. */
void accounts_prepare(struct accounts *accounts);

/* Announces what is delegated and allowed, in this version: 1 as ejabberd does, 2 as Prosody. */
void accounts_announce(struct buf *out, unsigned version);

/* Answers a request of peppyd's, if with an error. */
void accounts_answer(struct accounts *accounts, const struct stanza *iq, struct buf *out);

#endif
