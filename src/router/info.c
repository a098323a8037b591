/* What every XMPP entity answers: XEP-0199, XEP-0092, XEP-0012. */
#include "config.h"

#include "stanza.h"

#include "peppy/clock.h"

void info_ping_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	stanza_reply_end(turn, inquiry, &w);
}

void info_version_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	xml_start_ns(&w, "query", NS_VERSION);
	xml_leaf(&w, "name", PACKAGE_NAME);
	xml_leaf(&w, "version", PACKAGE_VERSION);
	stanza_reply_end(turn, inquiry, &w);
}

/* XEP-0012 4: of a server or component, the seconds it has been up. */
void info_last_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	xml_start_ns(&w, "query", NS_LAST);
	xml_put_attr_u64(
		&w, "seconds", (clock_monotonic_us() - turn->router->started_us) / 1000000);
	stanza_reply_end(turn, inquiry, &w);
}
