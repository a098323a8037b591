/* Private XML (XEP-0049) of accounts whose server delegates jabber:iq:private: each element is an item
 * of a node of its own, bookmarks are those of the other nodes. */
#include "bookmarks.h"
#include "limits.h"
#include "service_call.h"

#include <string.h>

static bool is_own(const struct inquiry *inquiry)
{
	return jid_equal_bare(inquiry->from, inquiry->to);
}

static bool is_bookmarks(const struct xml_element *el)
{
	return xml_is(el, NS_STORAGE, "storage");
}

static const char *item_id(struct turn *turn, const struct xml_element *el)
{
	return arena_printf(turn->arena, "{%s}%s", el->ns, el->name);
}

/* What is kept under el's name; el without contents if there is nothing. */
static enum pubsub_error find(struct own *own, const struct xml_element *el, struct buf *out)
{
	struct xml_writer w = xml_writer(out);
	struct xml_stanza doc;
	const char *id;
	enum pubsub_error err;

	if (is_bookmarks(el))
		return bookmarks_list(own, out);
	err = own_item(own, own->account, NS_PRIVATE, item_id(own->turn, el), &doc, &id);
	if (err != PUBSUB_OK)
		return err;
	if (doc.root != NULL) {
		xml_put_raw(&w, doc.bytes, doc.len);
	} else {
		xml_start_ns(&w, el->name, el->ns);
		xml_end(&w);
	}
	return PUBSUB_OK;
}

void private_get_run(struct turn *turn, const struct inquiry *inquiry)
{
	const struct xml_element *el = inquiry->child->first;
	enum pubsub_error err = PUBSUB_ERR_BAD_REQUEST;
	struct buf found = {0};
	struct xml_writer w;
	struct own own;

	if (!is_own(inquiry))
		err = PUBSUB_ERR_OWNER_FORBIDDEN;
	else if (el != NULL && el->next == NULL && *el->ns != '\0') {
		if (!own_open(turn, inquiry, STORE_READ, &own))
			return;
		err = find(&own, el, &found);
	}
	if (err == PUBSUB_OK) {
		w = stanza_reply(turn, inquiry, "result");
		xml_start_ns(&w, "query", NS_PRIVATE);
		xml_put_raw(&w, found.data, found.len);
		stanza_reply_end(turn, inquiry, &w);
	} else {
		service_call_failed(turn, inquiry, err, NULL);
	}
	buf_finish(&found);
}

/* ---- set ---- */

static enum pubsub_error put(struct own *own, const struct xml_element *el, struct buf *payload)
{
	struct codec_bookmarks before;
	enum pubsub_error err;

	if (!is_bookmarks(el))
		return own_publish(own, NS_PRIVATE, item_id(own->turn, el), payload);
	err = bookmarks_before(own, NS_STORAGE, &before);
	if (err == PUBSUB_OK)
		err = own_publish(own, NS_STORAGE, "current", payload);
	if (err == PUBSUB_OK)
		bookmarks_after(own, NS_STORAGE, &before);
	return err;
}

static enum pubsub_error put_all(
	struct own *own, const struct inquiry *inquiry, const char **detail_out)
{
	const struct xml_stanza *stanza = &inquiry->task->stanza;
	const struct xml_element *el = inquiry->child->first;
	enum pubsub_error err = el == NULL ? PUBSUB_ERR_BAD_REQUEST : PUBSUB_OK;
	struct buf payload = {0};

	if (err == PUBSUB_OK &&
		!limits_take(own->turn, LIMIT_PUBLISHES, inquiry->from, 1, detail_out))
		err = PUBSUB_ERR_RATE_LIMIT;
	for (; err == PUBSUB_OK && el != NULL; el = el->next) {
		size_t len;
		const char *bytes = xml_standalone(stanza, el, &len);

		buf_append(&payload, bytes, len);
		err = *el->ns == '\0' ? PUBSUB_ERR_BAD_REQUEST : put(own, el, &payload);
	}
	buf_finish(&payload);
	return err;
}

void private_set_run(struct turn *turn, const struct inquiry *inquiry)
{
	enum pubsub_error err = PUBSUB_ERR_OWNER_FORBIDDEN;
	const char *detail = NULL;
	struct xml_writer w;
	struct own own;

	if (is_own(inquiry)) {
		if (!own_open(turn, inquiry, STORE_WRITE, &own))
			return;
		err = put_all(&own, inquiry, &detail);
	}
	if (err != PUBSUB_OK) {
		service_call_failed(turn, inquiry, err, detail);
		return;
	}
	w = stanza_reply(turn, inquiry, "result");
	stanza_reply_end(turn, inquiry, &w);
	own_notify(&own);
}
