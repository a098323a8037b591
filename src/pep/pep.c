/* A pep: made, fed with links and seconds, and thrown away. */
#include "peppy/pep.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

#include "grants.h"

static struct pubsub_texts copy_texts(struct pubsub_texts texts, struct arena *arena)
{
	const char **copies = arena_alloc(arena, texts.n * sizeof *copies);

	for (size_t i = 0; i < texts.n; i++)
		copies[i] = arena_strdup(arena, texts.v[i]);
	return (struct pubsub_texts){copies, texts.n};
}

struct pep *pep_create(
	const struct pep_component *components, size_t n, const struct pep_port *port)
{
	struct pep *pep = memory_alloc(sizeof *pep);

	pep->port = *port;
	pep->component_count = n;
	pep->texts = arena_create();
	pep->components = arena_alloc(pep->texts, n * sizeof *components);
	for (size_t i = 0; i < n; i++)
		pep->components[i] = (struct pep_component){
			.jid = arena_strdup(pep->texts, components[i].jid),
			.domains = copy_texts(components[i].domains, pep->texts),
		};
	grants_create(pep);
	return pep;
}

void pep_destroy(struct pep *pep)
{
	if (pep == NULL)
		return;
	grants_destroy(pep);
	arena_destroy(pep->texts);
	free(pep);
}

enum pubsub_error pep_load(struct pep *pep, struct pep_turn *turn)
{
	(void)pep;
	(void)turn;
	return PUBSUB_OK;
}

void pep_link_up(struct pep *pep, struct pep_turn *turn, size_t component)
{
	(void)turn;
	grants_reset(pep, component);
}

void pep_link_down(struct pep *pep, size_t component)
{
	grants_reset(pep, component);
}

void pep_presence(struct pep *pep, struct pep_turn *turn, size_t component,
	const struct xml_element *presence)
{
	(void)pep;
	(void)turn;
	(void)component;
	(void)presence;
}

bool pep_roster_push(
	struct pep *pep, struct pep_turn *turn, size_t component, const struct xml_element *iq)
{
	(void)pep;
	(void)turn;
	(void)component;
	(void)iq;
	return false;
}

/* ---- contacts: an account is its own ---- */

static enum contacts_answer subscribed(void *ctx, const char *account, const char *contact)
{
	(void)ctx;
	return strcmp(account, contact) == 0 ? CONTACTS_YES : CONTACTS_NO;
}

static enum contacts_answer in_groups(
	void *ctx, const char *account, const char *contact, struct pubsub_texts groups)
{
	(void)groups;
	return subscribed(ctx, account, contact);
}

static enum contacts_answer interested(void *ctx, const char *service, const char *node_id,
	struct arena *arena, struct jid **out, size_t *n_out)
{
	(void)ctx;
	(void)service;
	(void)node_id;
	(void)arena;
	*out = NULL;
	*n_out = 0;
	return CONTACTS_YES;
}

static bool available(void *ctx, struct jid jid)
{
	(void)ctx;
	(void)jid;
	return false;
}

struct contacts pep_contacts(struct pep *pep, struct pep_turn *turn, bool expired)
{
	(void)turn;
	(void)expired;
	return (struct contacts){
		.ctx = pep,
		.subscribed = subscribed,
		.in_groups = in_groups,
		.interested = interested,
		.available = available,
	};
}

const char *pep_roster_fetch(struct pep *pep, struct pep_turn *turn)
{
	(void)pep;
	(void)turn;
	return NULL;
}

struct pubsub_texts pep_rosters_settled(struct pep *pep, struct arena *arena)
{
	(void)pep;
	(void)arena;
	return (struct pubsub_texts){0};
}

/* ---- last items ---- */

bool pep_arrival_next(struct pep *pep, struct arena *arena, struct pep_arrival *out)
{
	(void)pep;
	(void)arena;
	(void)out;
	return false;
}

enum pubsub_error pep_arrival_accounts(struct pep *pep, struct pep_turn *turn,
	const struct pep_arrival *arrival, struct pubsub_texts *out)
{
	(void)pep;
	(void)turn;
	(void)arrival;
	*out = (struct pubsub_texts){0};
	return PUBSUB_OK;
}

/* ---- keeping ---- */

bool pep_is_dirty(const struct pep *pep)
{
	(void)pep;
	return false;
}

enum pubsub_error pep_flush(struct pep *pep, struct pep_turn *turn)
{
	(void)pep;
	(void)turn;
	return PUBSUB_OK;
}

void pep_flushed(struct pep *pep)
{
	(void)pep;
}

void pep_tick(struct pep *pep, struct pep_turn *turn)
{
	(void)pep;
	(void)turn;
}
