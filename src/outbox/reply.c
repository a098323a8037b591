/* Answers: an <iq/> of our own, or one inside the wrapper in which a delegated request came; a
 * <message/> only to say what was wrong with one. */
#include "peppy/outbox.h"

/* XEP-0355 5: the outer answer is always a result; servers drop or misread anything else. */
static void open_wrapper(struct xml_writer *w, const struct outbox_route *route)
{
	xml_start(w, "iq");
	xml_put_attr(w, "type", "result");
	xml_put_attr(w, "id", route->outer_id);
	xml_put_attr(w, "from", route->outer_from);
	xml_put_attr(w, "to", route->outer_to);
	xml_start_ns(w, "delegation", route->delegation_ns);
	xml_start_ns(w, "forwarded", NS_FORWARD);
}

struct xml_writer outbox_reply_open(
	struct buf *out, const struct outbox_route *route, const char *type)
{
	struct xml_writer w = xml_writer(out);

	if (route->delegation_ns != NULL) {
		open_wrapper(&w, route);
		xml_start_ns(&w, "iq", NS_CLIENT);
	} else {
		xml_start(&w, route->message ? "message" : "iq");
	}
	xml_put_attr(&w, "type", type);
	xml_put_attr(&w, "id", route->id);
	xml_put_attr(&w, "from", route->from);
	xml_put_attr(&w, "to", route->to);
	return w;
}

void outbox_reply_close(struct xml_writer *w)
{
	while (w->depth > 0)
		xml_end(w);
}

void outbox_error(struct buf *out, const struct outbox_route *route, enum pubsub_error err,
	const char *detail)
{
	struct xml_writer w = outbox_reply_open(out, route, "error");

	codec_error_render(&w, err, detail);
	outbox_reply_close(&w);
}
