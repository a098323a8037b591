/* Notifications: what is the same for all recipients is rendered once and copied. */
#include "peppy/outbox.h"

#include "peppy/id.h"

static const char *const message_types[PUBSUB_NOTIFICATION_COUNT] = {
	[PUBSUB_NOTIFICATION_NORMAL] = "normal",
	[PUBSUB_NOTIFICATION_HEADLINE] = "headline",
};

/* The message as far as no recipient shows: (wrapper and) start tag up to its last attributes. */
static void open_message(
	struct xml_writer *w, const struct outbox_sender *sender, const struct pubsub_event *event)
{
	if (sender->privilege_ns != NULL) { /* XEP-0356 4.5 */
		xml_start(w, "message");
		xml_put_attr(w, "from", sender->component);
		xml_put_attr(w, "to", sender->server);
		xml_start_ns(w, "privilege", sender->privilege_ns);
		xml_start_ns(w, "forwarded", NS_FORWARD);
		xml_start_ns(w, "message", NS_CLIENT);
	} else {
		xml_start(w, "message");
	}
	xml_put_attr(w, "from", event->service);
	xml_put_attr(w, "type", message_types[event->type]);
}

/* The rendering that all recipients share: head_len bytes of open start tag, then the body; w is
 * the writer as it stood between them. */
struct shared {
	struct buf bytes;
	size_t head_len;
	struct xml_writer w;
};

static void append_message(struct buf *out, const struct shared *shared,
	const struct pubsub_event *event, const struct pubsub_recipient *recipient)
{
	struct xml_writer w = shared->w;
	char id[ID_SIGNED_SIZE];

	w.buf = out;
	buf_append(out, shared->bytes.data, shared->head_len);
	id_signed(recipient->jid, id);
	xml_put_attr(&w, "to", recipient->jid);
	xml_put_attr(&w, "id", id);
	xml_put_raw(
		&w, shared->bytes.data + shared->head_len, shared->bytes.len - shared->head_len);
	codec_recipient_render(&w, event, recipient);
	outbox_reply_close(&w);
}

void outbox_notify(
	struct buf *out, const struct outbox_sender *sender, const struct pubsub_event *event)
{
	struct shared shared = {0};
	struct xml_writer body;

	shared.w = xml_writer(&shared.bytes);
	open_message(&shared.w, sender, event);
	shared.head_len = shared.bytes.len;
	body = xml_writer(&shared.bytes);
	codec_event_render(&body, event);
	for (size_t i = 0; i < event->recipient_count; i++)
		append_message(out, &shared, event, &event->recipients[i]);
	buf_finish(&shared.bytes);
}
