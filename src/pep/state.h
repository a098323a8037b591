/* state.h - what the files of pep share. */
#ifndef PEP_STATE_H
#define PEP_STATE_H

#include <sys/queue.h>

#include "peppy/codec.h"
#include "peppy/map.h"
#include "peppy/pep.h"
#include "peppy/store_contacts.h"

#define SECOND_US UINT64_C(1000000)

/* What one domain's server has delegated and granted to one component. */
struct grant {
	const char *domain;
	size_t component;
	const char *delegation_ns; /* version in force; NULL: nothing delegated */
	bool accounts;             /* the pubsub namespace is */
	const char *privilege_ns;  /* NULL: nothing granted */
	bool message;              /* outgoing */
	bool roster;               /* get */
	bool presence;             /* of the accounts, or of their contacts as well */
	unsigned announced;        /* the higher the later */
	bool told;                 /* that the roster is not granted */
};

/* The NodeIDs that somebody wants to hear of. Shared by all who announced the same. */
struct caps {
	unsigned refs;
	size_t bytes, *held; /* those of all of its kind */
	char *key;           /* NULL: not verifiable, of one JID alone */
	char **v;            /* sorted, each once */
	size_t n;
};

/* Capabilities as a presence announces them. */
struct caps_claim {
	char *key; /* "sha-1 VER", "urn:xmpp:caps#sha-256.VER"; of one JID alone if not verifiable */
	char *node;  /* where disco#info tells of them; NULL: it has told */
	bool shared; /* the key is a hash that can be verified */
};

/* A resource that is online. There are a hundred thousand of them: what is small comes last, so that
 * the JID fills up what would be lost behind it. */
struct presence {
	TAILQ_ENTRY(presence) by_entity;
	TAILQ_ENTRY(presence) by_query;
	TAILQ_ENTRY(presence) in_arrivals;
	TAILQ_ENTRY(presence) in_unverified;
	TAILQ_ENTRY(presence) in_dirty;
	struct entity *entity; /* NULL: gone; it only waits for pep_flush */
	uint64_t seen_us;
	const char *show;         /* its state; NULL: not known, it was online before a restart */
	uint64_t since_us;        /* away since then, as it says itself; 0: it does not */
	uint64_t came_us;         /* 0: it was online before a restart */
	uint64_t wants_us;        /* what caps hold beyond former, since then */
	struct caps_claim claim;  /* key NULL: that of caps, if they have one; else none */
	struct caps *caps;        /* NULL: none, or not known yet */
	struct caps *former;      /* those before caps; NULL: none */
	struct caps *told;        /* those for which last items went out */
	struct caps_query *query; /* that is to find caps; NULL: none */
	uint32_t component;
	bool refused : 1;    /* its answer to the query was of no use */
	bool greeted : 1;    /* its first arrival was handed out */
	bool second : 1;     /* when that of the same JID at another component had been */
	bool arriving : 1;   /* in pep->arrivals, */
	bool late : 1;       /* or in pep->late */
	bool unverified : 1; /* in pep->unverified: nothing was heard of it on this stream */
	bool asked : 1;      /* whether it is online */
	bool dirty : 1;      /* in pep->dirty */
	bool stored : 1;     /* the store has a row of it */
	char full[];         /* JID */
};
TAILQ_HEAD(presences, presence);

/* A bare JID with its resources. */
struct entity {
	struct presences presences; /* last seen last */
	uint32_t n;
	bool kept;   /* else a stranger's: nothing is asked, nothing stored */
	bool remote; /* of none of the components' domains */
	char bare[];
};

/* The question what a claim stands for: asked of one after the other who makes it. */
struct caps_query {
	TAILQ_ENTRY(caps_query) in_idle;
	char *key;
	struct presences members;
	struct presence *asked; /* NULL: nobody at present */
	bool idle;              /* in pep->idle_queries: asks on at the next tick */
};
TAILQ_HEAD(caps_queries, caps_query);

/* Somebody whose last items of one account wait for its roster; with it, he is due. */
struct waiter {
	TAILQ_ENTRY(waiter) link;
	char *key;
	char *account;
	char *full; /* JID */
	size_t component;
	struct caps *caps; /* what he wants */
	uint64_t due_us;   /* since then events of the account reach him */
};
TAILQ_HEAD(waiters, waiter);

/* What is known of fetching an account's roster. */
struct roster {
	TAILQ_ENTRY(roster) in_wanted;
	struct waiters waiters;
	uint64_t failed_us; /* wall clock; 0: did not */
	uint32_t component; /* by this it is */
	bool asked;
	bool wanted; /* in pep->wanted */
	char account[];
};
TAILQ_HEAD(rosters, roster);

struct pep {
	struct pep_port port;
	struct arena *texts; /* of components, for good */
	struct pep_component *components;
	size_t component_count;
	struct grant *grants; /* one for each domain of each component */
	size_t grant_count;
	unsigned announcements;

	struct map *rosters; /* account -> struct roster */
	struct rosters wanted;
	size_t rosters_asked;
	char *missed;        /* the account whose roster was missed last; NULL: none */
	struct map *settled; /* accounts -> themselves */

	struct map *entities;  /* bare JID -> struct entity, kept */
	struct map *strangers; /* likewise, of whom no roster tells yet: a cache */
	size_t presence_count; /* of the kept */
	size_t remote_count;   /* of these, users of other servers */
	size_t presence_max;
	bool full_told; /* that there are too many */

	size_t caps_held[2], caps_max; /* bytes of local users' sets, of others'; of each */
	bool caps_told;                /* that there is no room */
	struct map *caps;              /* key -> struct caps: a cache */
	struct map *queries;           /* key -> struct caps_query */
	struct caps_queries idle_queries;
	size_t caps_asked; /* queries that somebody is asked for now */

	struct presences arrivals, late; /* last items due now; at the next tick */
	struct map *departures;          /* JIDs that have gone -> of components, where */
	struct map *late_departures;     /* likewise, to be looked at at the next tick: a cache */
	struct map *waiters;             /* key -> struct waiter */
	struct waiters due;
	struct presences unverified;
	struct presences dirty;
	size_t flushing; /* so many of dirty, from the front, are in the transaction under way */
	struct caps **dirty_caps;
	size_t dirty_caps_count, caps_flushing;
	bool *up; /* by component */
	struct pep_lookups lookups;
};

#endif
