/* rig.h - a router between two streams, with furnished nodes and an account. The clock stands still and random names are all the same, so that two runs can be
 * compared; link with --wrap as Makefile.am does. */
#ifndef TESTS_ROUTER_RIG_H
#define TESTS_ROUTER_RIG_H

#include <string.h>

#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/router.h"
#include "streams.h"

/* ---- stanzas ---- */

#define HAMLET "hamlet@denmark.lit/elsinore"
#define IQ(type, from, xml)                                                                        \
	"<iq type='" type "' id='asked' from='" from "' to='pubsub.denmark.lit'>" xml "</iq>"
#define PUBSUB(type, from, xml) IQ(type, from, "<pubsub xmlns='" NS_PUBSUB "'>" xml "</pubsub>")
#define OWNER(type, xml) IQ(type, HAMLET, "<pubsub xmlns='" NS_PUBSUB_OWNER "'>" xml "</pubsub>")
#define FORM(form_type, fields)                                                                    \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" NS_PUBSUB          \
	"#" form_type "</value></field>" fields "</x>"
#define FIELD(var, value) "<field var='pubsub#" var "'><value>" value "</value></field>"
#define ITEM(id) "<item id='" id "'><a xmlns='urn:a'/></item>"
#define COMMAND(node)                                                                              \
	IQ("set", HAMLET, "<command xmlns='" NS_COMMANDS "' node='" node "' action='execute'/>")

/* A request about hamlet's account, as its server hands it on. */
#define DELEGATED(type, xml)                                                                       \
	"<iq type='set' id='asked' from='denmark.lit' to='pubsub.denmark.lit'>"                    \
	"<delegation xmlns='urn:xmpp:delegation:2'><forwarded xmlns='" NS_FORWARD "'>"             \
	"<iq xmlns='" NS_CLIENT "' type='" type "' id='inner' from='" HAMLET "'>" xml              \
	"</iq></forwarded></delegation></iq>"
#define ACCOUNT(type, xml) DELEGATED(type, "<pubsub xmlns='" NS_PUBSUB "'>" xml "</pubsub>")
#define ROOM "<conference xmlns='urn:xmpp:bookmarks:1' name='Room'/>"
#define STORAGE(xml)                                                                               \
	"<query xmlns='" NS_PRIVATE "'><storage xmlns='" NS_STORAGE "'>" xml "</storage></query>"

/* ---- the rig ---- */

struct rig {
	struct streams streams;
	struct arena *arena;
	struct buf sent; /* what went out */
	size_t answers, errors, refusals, events;
};

void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
void rig_feed(struct rig *rig, const char *xml);
void rig_forget_sent(struct rig *rig);
void rig_pass(unsigned seconds); /* from when it was opened last */
void rig_slow(unsigned us);      /* that is how long it takes from now on to look at the clock */

/* In the rig's arena. */
const char *rig_dump(struct rig *rig);
const char *rig_sent(struct rig *rig);

#endif
