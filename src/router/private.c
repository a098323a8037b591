/* Private XML (XEP-0049) of accounts whose server delegates jabber:iq:private: each element is an
 * item of a node of its own, bookmarks are those of the other nodes. */
#include "bookmarks.h"
#include "limits.h"
#include "service_call.h"

#define ELEMENTS_MAX 100 /* stored at once */

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

	if (!own_is_self(inquiry))
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

struct element {
	const struct xml_element *el;
	const char *bytes; /* on its own */
	size_t len;
};

/* What is told apart by its name; of bookmarks, which go another way, there is one list. */
static enum pubsub_error check(const struct xml_element *query)
{
	bool has_bookmarks = false;
	size_t n = 0;

	for (const struct xml_element *el = query->first; el != NULL; el = el->next) {
		if (*el->ns == '\0' || (has_bookmarks && is_bookmarks(el)))
			return PUBSUB_ERR_BAD_REQUEST;
		has_bookmarks |= is_bookmarks(el);
		if (++n > ELEMENTS_MAX)
			return PUBSUB_ERR_MAX_ITEMS_EXCEEDED;
	}
	return n > 0 ? PUBSUB_OK : PUBSUB_ERR_BAD_REQUEST;
}

/* Together they may be far more than the stanza that declares their namespaces. */
static enum pubsub_error copy_all(
	struct own *own, const struct inquiry *inquiry, struct element *list, size_t *n_out)
{
	const struct xml_element *el = inquiry->child->first;
	size_t bytes = 0;

	for (*n_out = 0; el != NULL; el = el->next) {
		struct element *copy = &list[(*n_out)++];

		copy->el = el;
		copy->bytes = xml_standalone(&inquiry->task->stanza, el, &copy->len);
		bytes += copy->len;
		if (bytes > own->turn->router->opt.max_outgoing_bytes)
			return PUBSUB_ERR_PAYLOAD_TOO_BIG;
	}
	return PUBSUB_OK;
}

static enum pubsub_error put(struct own *own, const struct element *element)
{
	struct codec_bookmarks before;
	struct buf payload = {0};
	enum pubsub_error err;

	buf_append(&payload, element->bytes, element->len);
	if (!is_bookmarks(element->el)) {
		err = own_publish(own, NS_PRIVATE, item_id(own->turn, element->el), &payload);
	} else {
		err = bookmarks_before(own, NS_STORAGE, &before);
		if (err == PUBSUB_OK)
			err = own_publish(own, NS_STORAGE, "current", &payload);
		if (err == PUBSUB_OK)
			bookmarks_after(own, NS_STORAGE, &before);
	}
	buf_finish(&payload);
	return err;
}

static enum pubsub_error put_all(
	struct own *own, const struct inquiry *inquiry, const char **detail_out)
{
	struct element list[ELEMENTS_MAX];
	size_t n = 0;
	enum pubsub_error err = check(inquiry->child);

	if (err == PUBSUB_OK)
		err = copy_all(own, inquiry, list, &n);
	if (err == PUBSUB_OK &&
		!limits_take(own->turn, LIMIT_PUBLISHES, inquiry->from, n, detail_out))
		err = PUBSUB_ERR_RATE_LIMIT;
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = put(own, &list[i]);
	return err;
}

void private_set_run(struct turn *turn, const struct inquiry *inquiry)
{
	own_set_run(turn, inquiry, put_all);
}
