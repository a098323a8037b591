/* state.h - what the files of pep share. */
#ifndef PEP_STATE_H
#define PEP_STATE_H

#include "peppy/map.h"
#include "peppy/pep.h"

/* What one domain's server has delegated and granted to one component. */
struct grant {
	const char *domain;
	size_t component;
	const char *delegation_ns; /* version in force; NULL: nothing delegated */
	bool accounts;             /* the pubsub namespace is */
	const char *privilege_ns;  /* NULL: nothing granted */
	bool message;              /* outgoing */
	bool roster;               /* get */
	unsigned announced;        /* the higher the later */
	bool told;                 /* that the roster is not granted */
};

struct pep {
	struct pep_port port;
	struct arena *texts; /* of components, for good */
	struct pep_component *components;
	size_t component_count;
	struct grant *grants; /* one for each domain of each component */
	size_t grant_count;
	unsigned announcements;
};

#endif
