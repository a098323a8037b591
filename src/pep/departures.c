/* Departures outlast the stanza that brings them: what they end is done in a turn of its own. */
#include "departures.h"

#include <stdlib.h>

#include "peppy/memory.h"

#include "presence.h"

void departures_open(struct pep *pep)
{
	TAILQ_INIT(&pep->departures);
}

/* The JID is the caller's to free. */
static char *take_first(struct pep *pep)
{
	struct departure *departure = TAILQ_FIRST(&pep->departures);
	char *jid;

	if (departure == NULL)
		return NULL;
	TAILQ_REMOVE(&pep->departures, departure, link);
	jid = departure->jid;
	free(departure);
	return jid;
}

void departures_close(struct pep *pep)
{
	char *jid;

	while ((jid = take_first(pep)) != NULL)
		free(jid);
}

void departure_add(struct pep *pep, struct jid jid)
{
	struct departure *departure;

	if (presence_is_online(pep, jid, NULL))
		return;
	departure = memory_alloc(sizeof *departure);
	departure->jid =
		memory_strdup(presence_is_online(pep, jid_bare(jid), NULL) ? jid.full : jid.bare);
	TAILQ_INSERT_TAIL(&pep->departures, departure, link);
}

bool pep_departure_next(struct pep *pep, struct arena *arena, struct jid *out)
{
	char *jid = take_first(pep);

	if (jid == NULL)
		return false;
	jid_take(jid, arena, out);
	free(jid);
	return true;
}
