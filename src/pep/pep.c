/* A pep: made, told of links and seconds, thrown away. */
#include "peppy/pep.h"

#include <stdlib.h>

#include "peppy/memory.h"

#include "arrivals.h"
#include "caps.h"
#include "departures.h"
#include "grants.h"
#include "keep.h"
#include "presence.h"
#include "roster.h"

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
	pep->up = arena_alloc(pep->texts, n * sizeof *pep->up);
	grants_create(pep);
	keep_open(pep);
	presence_open(pep);
	caps_open(pep);
	roster_open(pep);
	arrivals_open(pep);
	departures_open(pep);
	return pep;
}

void pep_destroy(struct pep *pep)
{
	if (pep == NULL)
		return;
	departures_close(pep);
	arrivals_close(pep);
	roster_close(pep);
	keep_close(pep);
	presence_close(pep);
	caps_close(pep);
	grants_destroy(pep);
	arena_destroy(pep->texts);
	free(pep);
}

void pep_link_up(struct pep *pep, struct pep_turn *turn, size_t component)
{
	(void)turn;
	grants_reset(pep, component);
	pep->up[component] = true;
	caps_resume(pep);
}

void pep_link_down(struct pep *pep, size_t component)
{
	grants_reset(pep, component);
	pep->up[component] = false;
	roster_lose(pep, component);
	caps_lose(pep, component);
	verify_lose(pep, component);
}

void pep_tick(struct pep *pep, struct pep_turn *turn)
{
	roster_tick(pep, turn);
	caps_tick(pep);
	verify_tick(pep);
	arrivals_tick(pep);
	departures_tick(pep, turn->arena);
}
