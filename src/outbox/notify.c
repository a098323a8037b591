/* Notifications: what is the same for all recipients is rendered once and copied. */
#include "peppy/outbox.h"

#include "peppy/id.h"
#include "peppy/log.h"

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

/* Writes a message up to its recipient once, then copies that and the body for each of them; w is
 * the writer as it stood between the two. What follows the body is rendered once as well for those
 * of whom nothing stands in it: tails[0], or [1] if they may see the publisher. */
struct stamp {
	struct buf head;
	struct xml_writer w;
	const char *body;
	size_t body_len;
	struct buf tails[2];
	const struct outbox_sender *sender;
};

static bool is_plain(const struct pubsub_recipient *recipient)
{
	return recipient->sub_ids.n == 0 && recipient->collections.n == 0 && !recipient->wants_body;
}

static void append_tail(struct xml_writer *w, struct stamp *stamp, const struct pubsub_event *event,
	const struct pubsub_recipient *recipient)
{
	struct buf *tail = &stamp->tails[recipient->may_see_publisher];
	size_t at = w->buf->len;

	if (is_plain(recipient) && tail->len > 0) {
		buf_append(w->buf, tail->data, tail->len);
		return;
	}
	codec_recipient_render(w, event, recipient);
	outbox_reply_close(w);
	if (is_plain(recipient))
		buf_append(tail, w->buf->data + at, w->buf->len - at);
}

static void append_message(struct buf *out, struct stamp *stamp, const struct pubsub_event *event,
	const struct pubsub_recipient *recipient)
{
	struct xml_writer w = stamp->w;
	size_t at = out->len;
	char id[ID_SIGNED_SIZE];

	w.buf = out;
	buf_append(out, stamp->head.data, stamp->head.len);
	id_signed(recipient->jid, id);
	xml_put_attr(&w, "to", recipient->jid);
	xml_put_attr(&w, "id", id);
	xml_put_raw(&w, stamp->body, stamp->body_len);
	append_tail(&w, stamp, event, recipient);
	if (out->len - at > stamp->sender->max_bytes) {
		buf_truncate(out, at);
		log_warning("outbox", "an event of %s is too large to be sent", event->service);
	} else if (stamp->sender->count != NULL) {
		stamp->sender->count(stamp->sender->count_ctx, recipient->jid, out->len - at);
	}
}

void outbox_notify_body(struct buf *out, const struct outbox_sender *sender,
	const struct pubsub_event *event, const char *body, size_t len)
{
	struct stamp stamp = {.body = body, .body_len = len, .sender = sender};

	stamp.w = xml_writer(&stamp.head);
	open_message(&stamp.w, sender, event);
	for (size_t i = 0; i < event->recipient_count; i++)
		append_message(out, &stamp, event, &event->recipients[i]);
	buf_finish(&stamp.head);
	buf_finish(&stamp.tails[0]);
	buf_finish(&stamp.tails[1]);
}

void outbox_body_render(struct buf *out, const struct pubsub_event *event)
{
	struct xml_writer w = xml_writer(out);

	codec_event_render(&w, event);
}

void outbox_notify(
	struct buf *out, const struct outbox_sender *sender, const struct pubsub_event *event)
{
	struct pubsub_event whole = *event;
	struct arena *arena = NULL;
	struct buf body = {0};

	for (size_t i = 0; arena == NULL && i < event->recipient_count; i++)
		if (event->recipients[i].wants_body)
			arena = arena_create();
	if (arena != NULL)
		whole.body = codec_event_body(event, arena);
	outbox_body_render(&body, event);
	outbox_notify_body(out, sender, &whole, body.data, body.len);
	buf_finish(&body);
	arena_destroy(arena);
}
