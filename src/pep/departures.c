/* Departures outlast the stanza that brings them: what they end is done in a turn of its own.
 * Whoever comes and goes has gone once. */
#include "departures.h"

#include "presence.h"

void departures_open(struct pep *pep)
{
	pep->departures = map_create(0, NULL);
}

void departures_close(struct pep *pep)
{
	map_destroy(pep->departures);
}

void departure_add(struct pep *pep, struct jid jid)
{
	const char *gone = jid.bare;

	if (presence_is_online(pep, jid, NULL))
		return;
	if (presence_is_online(pep, jid_bare(jid), NULL))
		gone = jid.full;
	map_put(pep->departures, gone, pep->departures);
}

bool pep_departure_next(struct pep *pep, struct arena *arena, struct jid *out)
{
	void *cursor = NULL, *value;
	const char *gone;

	if (!map_next(pep->departures, &cursor, &gone, &value))
		return false;
	jid_take(gone, arena, out);
	map_del(pep->departures, gone);
	return true;
}
