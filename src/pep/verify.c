/* A server tells again who is online when a component connects again, or it does not (ejabberd):
 * whoever was online before the link was lost is asked, some in each second. */
#include "caps.h"
#include "departures.h"
#include "presence.h"

#define ASKED_PER_TICK 100

void verify_set(struct pep *pep, struct presence *presence, bool unverified)
{
	presence->asked = false;
	if (presence->unverified == unverified)
		return;
	presence->unverified = unverified;
	if (unverified)
		TAILQ_INSERT_TAIL(&pep->unverified, presence, in_unverified);
	else
		TAILQ_REMOVE(&pep->unverified, presence, in_unverified);
}

void verify_lose(struct pep *pep, size_t component)
{
	void *cursor = NULL, *value;
	const char *bare;

	while (map_next(pep->entities, &cursor, &bare, &value)) {
		struct presence *presence;

		TAILQ_FOREACH (presence, &((struct entity *)value)->presences, by_entity)
			if (presence->component == component)
				verify_set(pep, presence, true);
	}
}

/* An answer proves that it is online, an error that it is not: servers answer so for who is
 * gone. */
static void verify_answered(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *full, const struct xml_element *iq)
{
	struct presence *presence = presence_find(pep, component, full);
	const struct xml_element *disco;
	struct caps *caps;
	struct jid jid;

	if (presence == NULL || !presence->asked) /* heard of, or the link lost, in the meantime */
		return;
	if (iq == NULL) {
		jid_take(full, turn->arena, &jid);
		presence_gone(pep, presence);
		departure_add(pep, component, jid);
		return;
	}
	verify_set(pep, presence, false);
	disco = xml_child(iq, NS_DISCO_INFO, "query");
	if (disco == NULL || (presence->query != NULL && !presence->refused))
		return;
	caps = caps_of_disco(pep, presence, NULL, disco, turn->arena);
	if (caps_equal(caps, presence->caps))
		caps_unref(caps);
	else
		caps_assign(pep, turn, presence, caps);
}

void verify_tick(struct pep *pep)
{
	static const char payload[] = "<query xmlns='" NS_DISCO_INFO "'/>";
	struct pep_question question = {
		.payload = payload, .payload_len = sizeof payload - 1, .answer = verify_answered};
	struct presence *presence;
	size_t n = 0;

	TAILQ_FOREACH (presence, &pep->unverified, in_unverified) {
		if (n == ASKED_PER_TICK)
			return;
		if (presence->asked || !pep->up[presence->component])
			continue;
		presence->asked = true;
		n++;
		question.component = presence->component;
		question.to = question.key = presence->full;
		pep->port.ask(pep->port.ctx, &question);
	}
}
