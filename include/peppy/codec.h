/* codec.h - elements of XEP-0060 and its neighbours to requests; answers and events to elements.
 * Floor 2. Knows no rule (who may do what, what exists) and no connection. */
#ifndef PEPPY_CODEC_H
#define PEPPY_CODEC_H

#include "peppy/error.h"
#include "peppy/pubsub.h"
#include "peppy/xml.h"

/* clang-format off */
#define NS_COMPONENT    "jabber:component:accept"
#define NS_CLIENT       "jabber:client"
#define NS_STANZAS      "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_PUBSUB       "http://jabber.org/protocol/pubsub"
#define NS_PUBSUB_OWNER "http://jabber.org/protocol/pubsub#owner"
#define NS_PUBSUB_EVENT "http://jabber.org/protocol/pubsub#event"
#define NS_PUBSUB_ERRORS "http://jabber.org/protocol/pubsub#errors"
#define NS_DISCO_INFO   "http://jabber.org/protocol/disco#info"
#define NS_DISCO_ITEMS  "http://jabber.org/protocol/disco#items"
#define NS_DATA         "jabber:x:data"
#define NS_RSM          "http://jabber.org/protocol/rsm"
#define NS_DELAY        "urn:xmpp:delay"
#define NS_ORDER        "urn:xmpp:order-by:1"
#define NS_FILTER       "urn:xmpp:pubsub-filter:0"
#define NS_FORMS        "urn:xmpp:fdp:0"
#define NS_AGO          "urn:xmpp:ago:0"
#define NS_SHIM         "http://jabber.org/protocol/shim"
#define NS_ADDRESS      "http://jabber.org/protocol/address"
#define NS_CAPS         "http://jabber.org/protocol/caps"
#define NS_FORWARD      "urn:xmpp:forward:0"
#define NS_COMMANDS     "http://jabber.org/protocol/commands"
#define NS_PING         "urn:xmpp:ping"
#define NS_VERSION      "jabber:iq:version"
#define NS_LAST         "jabber:iq:last"
#define NS_ROSTER       "jabber:iq:roster"
#define NS_PRIVATE      "jabber:iq:private"
#define NS_VCARD        "vcard-temp"
#define NS_STORAGE      "storage:bookmarks"
#define NS_BOOKMARKS    "urn:xmpp:bookmarks:1"
#define NS_AVATAR_DATA  "urn:xmpp:avatar:data"
#define NS_AVATAR       "urn:xmpp:avatar:metadata"
/* clang-format on */

/* Reads the verb element el (<publish/>, <items/>, ...), a child of <pubsub/>, and its siblings
 * (<configure/>, <options/>, <publish-options/>, <set/>, in any order) into *out, where service and
 * from are set already. Texts are shared with the tree; payloads are made to stand alone. On an
 * error *out is undefined, and *detail_out may be set: error.h says to what. */
typedef enum pubsub_error (*codec_parse_fn)(const struct xml_stanza *stanza,
	const struct xml_element *el, struct pubsub_request *out, const char **detail_out);

/* Writes what goes into the <iq type='result'/>: one element, or nothing. */
typedef void (*codec_render_fn)(struct xml_writer *w, const struct pubsub_request *request,
	const struct pubsub_answer *answer);

#define CODEC_PARSE(verb)                                                                          \
	enum pubsub_error codec_##verb##_parse(const struct xml_stanza *stanza,                    \
		const struct xml_element *el, struct pubsub_request *out, const char **detail_out)
#define CODEC_RENDER(verb)                                                                         \
	void codec_##verb##_render(struct xml_writer *w, const struct pubsub_request *request,     \
		const struct pubsub_answer *answer)

/* clang-format off */
/* XEP-0060 6, 7: children of <pubsub xmlns='…pubsub'/> */
CODEC_PARSE(create);             /* 8.1, with <configure/> */
CODEC_RENDER(create);
CODEC_PARSE(subscribe);          /* 6.1, with <options/> */
CODEC_RENDER(subscribe);
CODEC_PARSE(unsubscribe);        /* 6.2 */
CODEC_RENDER(unsubscribe);
CODEC_PARSE(options_get);        /* 6.3 */
CODEC_RENDER(options_get);
CODEC_PARSE(options_set);
CODEC_PARSE(options_default);    /* 6.4: <default/> of pubsub */
CODEC_RENDER(options_default);
CODEC_PARSE(items);              /* 6.5 */
CODEC_RENDER(items);
CODEC_PARSE(subscriptions);      /* 5.6 */
CODEC_RENDER(subscriptions);
CODEC_PARSE(affiliations);       /* 5.7 */
CODEC_RENDER(affiliations);
CODEC_PARSE(publish);            /* 7.1, with <publish-options/> */
CODEC_RENDER(publish);
CODEC_PARSE(retract);            /* 7.2 */

/* 8: children of <pubsub xmlns='…pubsub#owner'/> */
CODEC_PARSE(configure_get);      /* 8.2 */
CODEC_RENDER(configure_get);
CODEC_PARSE(configure_set);
CODEC_PARSE(configure_default);  /* 8.3: <default/> of pubsub#owner */
CODEC_RENDER(configure_default);
CODEC_PARSE(delete);             /* 8.4 */
CODEC_PARSE(purge);              /* 8.5 */
CODEC_PARSE(associate);          /* XEP-0248 7.5, 7.6: <collection/> */
CODEC_PARSE(owner_subscriptions_get); /* 8.8 */
CODEC_RENDER(owner_subscriptions);
CODEC_PARSE(owner_subscriptions_set);
CODEC_RENDER(owner_subscriptions_set); /* the refused entries; nothing if there are none */
CODEC_PARSE(owner_affiliations_get);  /* 8.9 */
CODEC_RENDER(owner_affiliations);
CODEC_PARSE(owner_affiliations_set);
CODEC_RENDER(owner_affiliations_set);
/* clang-format on */

/* 8.6: el is the <x/> of a message, an owner's answer to the form of PUBSUB_EVENT_AUTHORIZE. Sets
 * node_id and one subscription, subscribed or none; no subscription: the owner cancelled. */
CODEC_PARSE(authorize);

/* For a verb whose answer is empty. */
CODEC_RENDER(nothing);

/* ---- ad-hoc commands (XEP-0050) ---- */

enum codec_action {
	CODEC_ACTION_EXECUTE,
	CODEC_ACTION_CANCEL,
	CODEC_ACTION_PREV,
	CODEC_ACTION_NEXT,
	CODEC_ACTION_COMPLETE,
	CODEC_ACTION_COUNT
};

struct codec_command {
	const char *node;               /* NULL: none is named */
	const char *session_id;         /* NULL: a new session */
	enum codec_action action;       /* a form of type cancel cancels too */
	const struct xml_element *form; /* NULL: none */
};

/* el is the <command/>. PUBSUB_ERR_COMMAND_ACTION_UNKNOWN. */
MUST_CHECK enum pubsub_error codec_command_parse(
	const struct xml_element *el, struct codec_command *out);

/* A form of ours, to be filled in. */
struct codec_form {
	const struct pubsub_form_type *fields; /* its form_type may be NULL: none */
	const char *title, *instructions;
	struct pubsub_withheld withheld;
};

/* Reads a form into record; fields not given keep their value, *set_out tells which were.
 * PUBSUB_ERR_COMMAND_PAYLOAD: none (x is NULL), another, or a field that is wrong or missing, which
 * detail names. */
MUST_CHECK enum pubsub_error codec_form_parse(const struct codec_form *form,
	const struct xml_element *x, struct arena *arena, void *record, uint64_t *set_out,
	const char **detail_out);
void codec_form_render(struct xml_writer *w, const struct codec_form *form, const void *record);

/* <x type='result'/>, left open: either facts, or what is reported and then rows of it. Its
 * FORM_TYPE and title may be NULL: none. */
struct codec_column {
	const char *var, *type, *label;
};
void codec_result_open(struct xml_writer *w, const char *form_type, const char *title);
void codec_result_fact(
	struct xml_writer *w, const struct codec_column *column, struct pubsub_texts values);
void codec_result_facts(
	struct xml_writer *w, const struct pubsub_form_type *fields, const void *record);
void codec_result_reported(struct xml_writer *w, const struct codec_column *columns, size_t n);
void codec_result_row(struct xml_writer *w, const struct codec_column *columns, size_t n,
	const char *const *values); /* NULL: an empty one */

enum codec_status { CODEC_EXECUTING, CODEC_COMPLETED, CODEC_CANCELED };

struct codec_command_answer {
	const char *node, *session_id;
	enum codec_status status;
	unsigned actions;          /* that may come next: 1 << CODEC_ACTION_… */
	enum codec_action execute; /* what "execute" stands for then */
	const char *note;          /* NULL: none */
	bool warning;              /* what the note is */
	const char *payload;       /* rendered: a form or a result */
	size_t payload_len;
};
void codec_command_render(struct xml_writer *w, const struct codec_command_answer *answer);

/* disco: el is the <query/>; node_id and rsm are read */
CODEC_PARSE(disco);

struct codec_identity {
	const char *category, *type, *name; /* name NULL: none */
};

/* <query xmlns='…disco#info' node=…>: identities, features, and for a node its meta-data form
 * (5.4) if answer->node is set, of whose affiliates answer->affiliates tells owners, publishers. */
struct codec_disco {
	const char *node; /* as asked, NULL: none */
	const struct codec_identity *identities;
	size_t identity_count;
	const char *const *features;
	size_t feature_count;
};
void codec_disco_info_render(struct xml_writer *w, const struct codec_disco *disco,
	const struct pubsub_answer *answer /* NULL: no form */);
CODEC_RENDER(disco_items); /* nodes of a service or ids of a node, with RSM */

/* <error type=…> with its condition, the pubsub#errors child, a text where it helps. */
void codec_error_render(struct xml_writer *w, enum pubsub_error err, const char *detail);

/* What a notification's <message/> contains for every recipient: <event/> (or the form of
 * AUTHORIZE) and <delay/>. */
void codec_event_render(struct xml_writer *w, const struct pubsub_event *event);

/* A message body made from what was published, in the arena; NULL: none can be made. */
const char *codec_event_body(const struct pubsub_event *event, struct arena *arena);

/* What it contains for this recipient: a body if it wants one, the headers Collection and SubID,
 * replyto address. */
void codec_recipient_render(struct xml_writer *w, const struct pubsub_event *event,
	const struct pubsub_recipient *recipient);

/* ---- payloads against XML Schemas, for operators who want that ---- */

struct codec_schemas; /* one a namespace */

/* Reads every *.xsd of a folder; each is a schema that stands alone. NULL: errors has a line
 * "FILE: what" for each thing that is wrong, among it schemas that would fetch others, or take more
 * than linear time. */
MUST_CHECK struct codec_schemas *codec_schemas_open(const char *folder, struct buf *errors);
void codec_schemas_close(struct codec_schemas *schemas); /* takes NULL */

/* Is the item's payload, which it has, valid by the schema of its namespace, if there is one?
 * false: *why_out says why not, in the arena; NULL: nobody knows. */
MUST_CHECK bool codec_payload_is_valid(const struct codec_schemas *schemas,
	const struct pubsub_item *item, struct arena *arena, const char **why_out);

/* ---- what clients keep on accounts in two forms; parsed texts belong to the document ---- */

/* A bookmark: the payload of an item whose id is the room's JID (XEP-0402), or an entry in a list
 * (XEP-0048). */
struct codec_bookmark {
	const char *jid;
	const char *name, *nick, *password; /* NULL: none */
	bool autojoin;
	const char *extensions; /* XEP-0402: the element's bytes; NULL: none */
	size_t extensions_len;
};
struct codec_bookmarks {
	struct codec_bookmark *v;
	size_t n;
	const char *rest; /* XEP-0048: the list's elements that are not rooms, as bytes */
	size_t rest_len;
};
bool codec_bookmark_equal(const struct codec_bookmark *a, const struct codec_bookmark *b);

/* false: it is not one. jid is left to the caller. */
bool codec_bookmark_parse(const struct xml_stanza *doc, struct codec_bookmark *out);
void codec_bookmark_render(struct xml_writer *w, const struct codec_bookmark *bookmark);

/* The <storage/>; entries without a valid jid are left out. false: it is not one. */
bool codec_bookmarks_parse(const struct xml_stanza *doc, struct codec_bookmarks *out);
void codec_bookmarks_render(struct xml_writer *w, const struct codec_bookmarks *bookmarks);

/* The picture of a vCard (XEP-0153), the same as an avatar (XEP-0084). */
struct codec_photo {
	const char *type; /* MIME; NULL: unknown */
	const char *data; /* base64; NULL: there is no picture */
};
struct codec_photo codec_vcard_photo(const struct xml_element *vcard);

/* The vCard with this picture in place of its own; doc NULL: an empty one. */
void codec_vcard_render(
	struct xml_writer *w, const struct xml_stanza *doc, const struct codec_photo *photo);

/* The id of the picture that is available as an item; NULL: none, or one elsewhere. */
const char *codec_avatar_id(const struct xml_element *metadata, const char **type_out);
struct codec_avatar {
	const char *id; /* NULL: no avatar any more */
	const char *type;
	size_t bytes;
};
void codec_avatar_render(struct xml_writer *w, const struct codec_avatar *avatar);
void codec_avatar_data_render(struct xml_writer *w, const char *base64);

#endif
