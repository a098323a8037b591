/* Departures outlast the stanza that brings them: what they end is done in a turn of its own.
 * Whoever comes and goes has gone once. */
#include "departures.h"

#include "presence.h"

#define LATE_MAX 20000 /* of the others what they leave stays until they go again */

void departures_open(struct pep *pep)
{
	pep->departures = map_create(0, NULL);
	pep->late_departures = map_create(LATE_MAX, NULL);
}

void departures_close(struct pep *pep)
{
	map_destroy(pep->departures);
	map_destroy(pep->late_departures);
}

void departure_add(struct pep *pep, size_t component, struct jid jid)
{
	const char *gone = jid.bare;

	if (presence_is_online(pep, jid, NULL))
		return;
	if (presence_is_online(pep, jid_bare(jid), NULL))
		gone = jid.full;
	map_put(pep->departures, gone, &pep->components[component]);
}

bool pep_departure_next(
	struct pep *pep, struct arena *arena, size_t *component_out, struct jid *out)
{
	const struct pep_port *port = &pep->port;
	void *cursor = NULL, *value;
	const char *gone;

	while (map_next(pep->departures, &cursor, &gone, &value)) {
		*component_out = (size_t)((const struct pep_component *)value - pep->components);
		jid_take(gone, arena, out);
		map_del(pep->departures, gone);
		if (port->may_look_up == NULL ||
			port->may_look_up(port->ctx, *component_out, out->full))
			return true;
		map_put(pep->late_departures, out->full, value);
	}
	return false;
}

/* Whoever is back has not gone. */
void departures_tick(struct pep *pep, struct arena *arena)
{
	void *cursor = NULL, *value;
	const char *gone;
	struct jid jid;

	while (map_next(pep->late_departures, &cursor, &gone, &value)) {
		jid_take(gone, arena, &jid);
		map_del(pep->late_departures, gone);
		departure_add(pep, (size_t)((struct pep_component *)value - pep->components), jid);
	}
}
