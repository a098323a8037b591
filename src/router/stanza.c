/* Dispatch. Every request gets exactly one answer, answers get none (RFC 6120 8.2.3). */
#include "stanza.h"

#include <string.h>

#include "peppy/array.h"
#include "peppy/log.h"

#include "ask.h"
#include "backlog.h"
#include "bounce.h"
#include "limits.h"
#include "observe.h"
#include "park.h"

static const struct inquiry_handler handlers[] = {
	/* clang-format off */
	{"set", NS_PUBSUB,       "pubsub",  ON_BOTH,    request_run},
	{"get", NS_PUBSUB,       "pubsub",  ON_BOTH,    request_run},
	{"set", NS_PUBSUB_OWNER, "pubsub",  ON_BOTH,    request_run},
	{"get", NS_PUBSUB_OWNER, "pubsub",  ON_BOTH,    request_run},
	{"set", NS_COMMANDS,     "command", ON_SERVICE, command_run},
	{"message", NS_DATA,     "x",       ON_SERVICE, authorize_run},
	{"get", NS_DISCO_INFO,   "query",   ON_BOTH,    disco_info_run},
	{"get", NS_DISCO_ITEMS,  "query",   ON_BOTH,    disco_items_run},
	{"get", NS_PING,         "ping",    ON_SERVICE, info_ping_run},
	{"get", NS_VERSION,      "query",   ON_SERVICE, info_version_run},
	{"get", NS_LAST,         "query",   ON_SERVICE, info_last_run},
	{"get", NS_PRIVATE,      "query",   ON_ACCOUNT, private_get_run},
	{"set", NS_PRIVATE,      "query",   ON_ACCOUNT, private_set_run},
	{"get", NS_VCARD,        "vCard",   ON_ACCOUNT, vcard_get_run},
	{"set", NS_VCARD,        "vCard",   ON_ACCOUNT, vcard_set_run},
	/* clang-format on */
};

static struct component *component_of(struct turn *turn, const struct inquiry *inquiry)
{
	return &turn->router->components[inquiry->task->component];
}

/* ---- answers ---- */

/* Is what was written from there on no larger than what the server takes? It would end the
 * stream. */
static bool fits(struct turn *turn, const struct inquiry *inquiry, size_t at)
{
	return component_of(turn, inquiry)->out.len - at <= turn->router->opt.max_outgoing_bytes;
}

/* Whose own id is too long to be repeated gets no answer. */
static void refuse_answer(struct turn *turn, const struct inquiry *inquiry, size_t at)
{
	struct buf *out = &component_of(turn, inquiry)->out;

	buf_truncate(out, at);
	outbox_error(out, &inquiry->route, PUBSUB_ERR_STANZA_TOO_BIG, NULL);
	if (fits(turn, inquiry, at))
		return;
	buf_truncate(out, at);
	log_warning("router", "%s gets no answer: its id is too long", inquiry->from.full);
}

/* What stands there from at on is the answer to it. */
static void answered(struct turn *turn, const struct inquiry *inquiry, size_t at)
{
	struct component *component = component_of(turn, inquiry);

	if (!fits(turn, inquiry, at))
		refuse_answer(turn, inquiry, at);
	backlog_add(component, inquiry->from.full, component->out.len - at);
}

void stanza_error(
	struct turn *turn, const struct inquiry *inquiry, enum pubsub_error err, const char *detail)
{
	struct buf *out = &component_of(turn, inquiry)->out;
	size_t at = out->len;

	turn->router->tally->errors[err]++;
	outbox_error(out, &inquiry->route, err, detail);
	answered(turn, inquiry, at);
}

struct xml_writer stanza_reply(struct turn *turn, const struct inquiry *inquiry, const char *type)
{
	struct buf *out = &component_of(turn, inquiry)->out;

	turn->reply_at = out->len;
	return outbox_reply_open(out, &inquiry->route, type);
}

void stanza_reply_end(struct turn *turn, const struct inquiry *inquiry, struct xml_writer *w)
{
	outbox_reply_close(w);
	answered(turn, inquiry, turn->reply_at);
}

void stanza_reply_end_written(
	struct turn *turn, const struct inquiry *inquiry, struct xml_writer *w)
{
	outbox_reply_close(w);
	if (!fits(turn, inquiry, turn->reply_at)) {
		buf_truncate(&component_of(turn, inquiry)->out, turn->reply_at);
		*w = stanza_reply(turn, inquiry, "result");
	}
	stanza_reply_end(turn, inquiry, w);
}

/* ---- inquiries ---- */

static bool is_type(const struct xml_element *el, const char *type)
{
	return xml_attr_is(el, "type", type);
}

static bool is_empty(const char *text)
{
	return text == NULL || *text == '\0';
}

/* Who asks whom, and how the answer goes back. false: nobody can be answered. */
static bool inquiry_open(struct turn *turn, struct task *task, struct inquiry *out)
{
	const struct xml_element *iq = task->stanza.root;
	const char *component = turn->router->opt.components[task->component].jid;
	const char *from = xml_attr(iq, "from");
	const char *to = xml_attr(iq, "to");
	struct pep_delegated delegated;

	*out = (struct inquiry){.task = task, .iq = iq};
	if (is_empty(from))
		return false;
	out->route = (struct outbox_route){.id = xml_attr(iq, "id"), .from = to, .to = from};
	if (is_type(iq, "set") &&
		pep_unwrap(turn->router->pep, task->component, iq, turn->arena, &delegated)) {
		out->route.outer_id = out->route.id;
		out->route.outer_from = component;
		out->route.outer_to = from;
		out->route.delegation_ns = delegated.ns;
		out->iq = delegated.iq;
		out->account = true;
		from = delegated.from;
		to = delegated.to;
		if (out->iq == NULL || is_empty(from)) { /* nothing inside to be answered */
			out->route.delegation_ns = NULL;
			stanza_error(turn, out, PUBSUB_ERR_BAD_REQUEST, NULL);
			return false;
		}
		out->route.id = xml_attr(out->iq, "id");
		out->route.to = from;
	}
	out->from = jid_received(from, turn->arena);
	out->to = out->account && is_empty(to)
			  ? jid_bare(out->from)
			  : jid_received(is_empty(to) ? component : to, turn->arena);
	out->route.from = is_empty(to) ? out->to.full : to;
	out->child = out->iq->first;
	return true;
}

static bool asks_by(const struct inquiry *inquiry, const char *type)
{
	return inquiry->route.message ? strcmp(type, "message") == 0 : is_type(inquiry->iq, type);
}

static const struct inquiry_handler *handler_find(const struct inquiry *inquiry)
{
	for (size_t i = 0; i < ARRAY_COUNT(handlers); i++) {
		const struct inquiry_handler *row = &handlers[i];

		if (xml_is(inquiry->child, row->ns, row->name) && asks_by(inquiry, row->type) &&
			(row->place & (inquiry->account ? ON_ACCOUNT : ON_SERVICE)) != 0)
			return row;
	}
	return NULL;
}

/* Is there a service of ours at the address? A server delegates accounts of its own domain
 * alone. */
static bool is_served(struct turn *turn, const struct inquiry *inquiry)
{
	size_t component = inquiry->task->component;

	if (inquiry->account)
		return inquiry->to.resource == NULL &&
		       strcmp(inquiry->to.domain, inquiry->route.outer_to) == 0 &&
		       pep_is_account(turn->router->pep, component, inquiry->to);
	return strcmp(inquiry->to.full, turn->router->opt.components[component].jid) == 0;
}

static void inquiry_run(struct turn *turn, const struct inquiry *inquiry)
{
	const struct inquiry_handler *handler = handler_find(inquiry);

	if (handler == NULL || !is_served(turn, inquiry)) {
		stanza_error(turn, inquiry, PUBSUB_ERR_SERVICE_UNAVAILABLE, NULL);
		return;
	}
	if (park_must_queue(turn, inquiry->task, inquiry->from.full)) {
		if (!park_put(turn, inquiry->task, inquiry->from.full, NULL))
			stanza_error(turn, inquiry, PUBSUB_ERR_RATE_LIMIT, NULL);
		return;
	}
	handler->run(turn, inquiry);
}

/* Before anything is looked at: whoever asks too often shall not cost much. */
static bool admit(struct turn *turn, const struct inquiry *inquiry)
{
	const char *detail = NULL;
	enum pubsub_error err = PUBSUB_OK;

	if (limits_is_blocked(turn, inquiry)) {
		turn->router->tally->blocked++;
		err = PUBSUB_ERR_FORBIDDEN;
	} else if (!limits_take(turn, LIMIT_REQUESTS, inquiry->from, 1, &detail)) {
		err = PUBSUB_ERR_RATE_LIMIT;
	} else {
		err = limits_output(turn, inquiry, &detail);
		if (err == PUBSUB_OK)
			err = limits_forms(turn, inquiry, &detail);
	}
	if (err != PUBSUB_OK)
		stanza_error(turn, inquiry, err, detail);
	return err == PUBSUB_OK;
}

static void request_check(struct turn *turn, const struct inquiry *inquiry)
{
	if (!admit(turn, inquiry))
		return;
	if (inquiry->task->stanza.oversized)
		stanza_error(turn, inquiry, PUBSUB_ERR_STANZA_TOO_BIG, NULL);
	else if (inquiry->child == NULL || inquiry->child->next != NULL) /* RFC 6120 8.2.3 */
		stanza_error(turn, inquiry, PUBSUB_ERR_BAD_REQUEST, NULL);
	else
		inquiry_run(turn, inquiry);
}

static void iq_run(struct turn *turn, struct task *task)
{
	const struct xml_element *iq = task->stanza.root;
	struct inquiry inquiry;

	if (is_type(iq, "result") || is_type(iq, "error")) {
		ask_answered(turn, task->component, iq, !task->stanza.oversized);
		return;
	}
	if (pep_roster_push(turn->router->pep, &turn->pep, task->component, iq)) {
		const struct outbox_route route = {
			.id = xml_attr(iq, "id"),
			.from = xml_attr(iq, "to"),
			.to = xml_attr(iq, "from"),
		};
		struct xml_writer w = outbox_reply_open(
			&turn->router->components[task->component].out, &route, "result");

		outbox_reply_close(&w);
		return;
	}
	if (!inquiry_open(turn, task, &inquiry))
		return;
	if (is_type(inquiry.iq, "get") || is_type(inquiry.iq, "set"))
		request_check(turn, &inquiry);
	else if (!is_type(inquiry.iq, "result") && !is_type(inquiry.iq, "error"))
		stanza_error(turn, &inquiry, PUBSUB_ERR_BAD_REQUEST, NULL);
}

/* A form that somebody has filled in (XEP-0060 8.6): the only message that is a request. */
static bool form_open(struct turn *turn, struct task *task, struct inquiry *out)
{
	const struct xml_element *message = task->stanza.root;
	const struct xml_element *form = xml_child(message, NS_DATA, "x");

	if (form == NULL || !(is_type(form, "submit") || is_type(form, "cancel")))
		return false;
	if (is_type(message, "error") || !inquiry_open(turn, task, out))
		return false;
	out->child = form;
	out->route.message = true;
	return true;
}

/* Rights that the server announces, and requests. */
static void message_run(struct turn *turn, struct task *task)
{
	struct inquiry inquiry;

	if (pep_message(turn->router->pep, &turn->pep, task->component, task->stanza.root))
		return;
	if (form_open(turn, task, &inquiry) && admit(turn, &inquiry))
		inquiry_run(turn, &inquiry);
}

static void answer_presence(struct turn *turn, struct task *task, const char *type)
{
	const struct xml_element *presence = task->stanza.root;
	struct component *component = &turn->router->components[task->component];
	struct xml_writer w = xml_writer(&component->out);

	xml_start(&w, "presence");
	xml_put_attr(&w, "from", component->opt->jid);
	xml_put_attr(&w, "to", jid_received(xml_attr(presence, "from"), turn->arena).bare);
	xml_put_attr(&w, "type", type);
	xml_end(&w);
}

static bool is_blocked(struct turn *turn, const struct task *task)
{
	const char *from = xml_attr(task->stanza.root, "from");

	return service_is_blocked(&turn->router->components[task->component].profile,
		jid_received(from, turn->arena).bare);
}

/* Whoever subscribes to the component's presence may: an unanswered request comes again at every
 * login (RFC 6121 3.1). */
static void presence_run(struct turn *turn, struct task *task)
{
	const struct xml_element *presence = task->stanza.root;

	if (is_empty(xml_attr(presence, "from")))
		return;
	if (is_blocked(turn, task) && !is_type(presence, "unavailable"))
		return;
	if (is_type(presence, "subscribe")) {
		answer_presence(turn, task, "subscribed");
		answer_presence(turn, task, NULL);
	} else if (is_type(presence, "unsubscribe")) {
		answer_presence(turn, task, "unsubscribed");
	} else if (is_type(presence, "probe")) {
		answer_presence(turn, task, NULL);
	} else {
		pep_presence(turn->router->pep, &turn->pep, task->component, presence);
	}
}

void stanza_run(struct turn *turn, struct task *task)
{
	const struct xml_element *root = task->stanza.root;

	park_leave(task);
	turn->router->tally->stanzas++;
	if (strcmp(root->ns, NS_COMPONENT) != 0)
		return;
	bounce_seen(turn, task->component, root);
	if (strcmp(root->name, "iq") == 0)
		iq_run(turn, task);
	else if (task->stanza.oversized)
		return;
	else if (strcmp(root->name, "presence") == 0)
		presence_run(turn, task);
	else if (strcmp(root->name, "message") == 0)
		message_run(turn, task);
}

/* What presences say is kept in memory, and written later. */
void stanza_refuse(struct turn *turn, struct task *task, enum pubsub_error err)
{
	const struct xml_element *root = task->stanza.root;
	struct inquiry inquiry;
	bool asks = false;

	turn->router->tally->stanzas++; /* what was counted at its first run is dropped */
	park_leave(task);               /* one that waited is answered now */
	if (xml_is(root, NS_COMPONENT, "iq"))
		asks = (is_type(root, "get") || is_type(root, "set")) &&
		       inquiry_open(turn, task, &inquiry);
	else if (xml_is(root, NS_COMPONENT, "message") && !task->stanza.oversized)
		asks = form_open(turn, task, &inquiry);
	if (asks)
		stanza_error(turn, &inquiry, err, NULL);
}
