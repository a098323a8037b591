/* departures.h - who has gone, until it is asked for. */
#ifndef PEP_DEPARTURES_H
#define PEP_DEPARTURES_H

#include "state.h"

void departures_open(struct pep *pep);
void departures_close(struct pep *pep);

/* Nothing happens if it is still online at another component. A server may tell of somebody who was
 * not known to be online: what hangs on his presence has been waiting for that. */
void departure_add(struct pep *pep, size_t component, struct jid jid);

void departures_tick(struct pep *pep, struct arena *arena); /* those that were put off */

#endif
