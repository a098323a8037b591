/* The law of requests: whatever document is read, a request that is accepted names what its verb
 * needs, and items that are published come back from an answer as they went in; bookmarks and the
 * pictures of vCards, which are written as they were read, stay the same from then on. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct verb {
	const char *ns, *name;
	codec_parse_fn parse;
	bool needs_node, needs_jid; /* some verbs are about the root where they name no node */
} verbs[] = {
	{NS_PUBSUB, "create", codec_create_parse, false, false},
	{NS_PUBSUB, "subscribe", codec_subscribe_parse, false, true},
	{NS_PUBSUB, "unsubscribe", codec_unsubscribe_parse, false, true},
	{NS_PUBSUB, "options", codec_options_get_parse, false, true},
	{NS_PUBSUB, "options", codec_options_set_parse, false, true},
	{NS_PUBSUB, "default", codec_options_default_parse, false, false},
	{NS_PUBSUB, "items", codec_items_parse, true, false},
	{NS_PUBSUB, "subscriptions", codec_subscriptions_parse, false, false},
	{NS_PUBSUB, "affiliations", codec_affiliations_parse, false, false},
	{NS_PUBSUB, "publish", codec_publish_parse, true, false},
	{NS_PUBSUB, "retract", codec_retract_parse, true, false},
	{NS_PUBSUB_OWNER, "configure", codec_configure_get_parse, true, false},
	{NS_PUBSUB_OWNER, "configure", codec_configure_set_parse, true, false},
	{NS_PUBSUB_OWNER, "default", codec_configure_default_parse, false, false},
	{NS_PUBSUB_OWNER, "delete", codec_delete_parse, false, false},
	{NS_PUBSUB_OWNER, "collection", codec_associate_parse, true, false},
	{NS_PUBSUB_OWNER, "purge", codec_purge_parse, true, false},
	{NS_PUBSUB_OWNER, "subscriptions", codec_owner_subscriptions_get_parse, true, false},
	{NS_PUBSUB_OWNER, "subscriptions", codec_owner_subscriptions_set_parse, true, false},
	{NS_PUBSUB_OWNER, "affiliations", codec_owner_affiliations_get_parse, true, false},
	{NS_PUBSUB_OWNER, "affiliations", codec_owner_affiliations_set_parse, true, false},
	{NS_DATA, "x", codec_authorize_parse, false, false},
	{NS_DISCO_ITEMS, "query", codec_disco_parse, false, false},
};

static const struct xml_limits limits = {
	.stanza_bytes = 65536, .depth = 64, .elements = 1000, .attributes = 50};

/* Items as an answer writes them, read as if they were published: the same items. */
static void assert_items_come_back(const struct pubsub_request *request, struct arena *arena)
{
	struct pubsub_answer answer = {0};
	struct pubsub_request again = {0};
	const char *detail = NULL;
	struct xml_stanza stanza;
	struct buf buf = {0};
	struct xml_writer w = xml_writer(&buf);
	enum pubsub_error err;
	bool parsed;

	answer.items = (struct pubsub_item *)request->items;
	answer.item_count = request->item_count;
	codec_items_render(&w, request, &answer);
	assert(w.depth == 0);
	parsed = xml_document_parse(&(struct xml_limits){0}, buf.data, buf.len, arena, &stanza);
	assert(parsed);
	err = codec_publish_parse(&stanza, stanza.root->first, &again, &detail);
	assert(err == PUBSUB_OK);
	assert(strcmp(again.node_id, request->node_id) == 0);
	assert(again.item_count == request->item_count);
	for (size_t i = 0; i < again.item_count; i++) {
		const struct pubsub_item *a = &request->items[i];
		const struct pubsub_item *b = &again.items[i];

		assert((a->id == NULL) == (b->id == NULL));
		assert(a->id == NULL || strcmp(a->id, b->id) == 0);
		assert(a->payload_len == b->payload_len);
		assert(a->payload_len == 0 || memcmp(a->payload, b->payload, a->payload_len) == 0);
	}
	buf_finish(&buf);
}

static void check(
	const struct verb *verb, const struct xml_stanza *stanza, const struct xml_element *el)
{
	struct pubsub_request request = {0};
	const char *detail = NULL;
	enum pubsub_error err = verb->parse(stanza, el, &request, &detail);

	if (err != PUBSUB_OK)
		return;
	assert(!verb->needs_node || request.node_id != NULL);
	assert(request.node_id == NULL || *request.node_id != '\0');
	assert((request.child != NULL) == (verb->parse == codec_associate_parse));
	assert(!verb->needs_jid || (request.has_jid && request.jid.domain != NULL));
	for (size_t i = 0; i < request.subscription_count; i++)
		assert(request.subscriptions[i].subscriber.domain != NULL);
	for (size_t i = 0; i < request.affiliate_count; i++)
		assert(strchr(request.affiliates[i].jid, '/') == NULL);
	if (verb->parse == codec_publish_parse)
		assert_items_come_back(&request, stanza->arena);
}

/* A form of a command can only be good or bad. */
static void check_command(const struct xml_element *el, struct arena *arena)
{
	static const struct codec_form form = {.fields = &pubsub_node_config_type};
	struct pubsub_node_config config = pubsub_node_config_default;
	struct codec_command command;
	const char *detail = NULL;
	uint64_t set = 0;
	enum pubsub_error err = codec_command_parse(el, &command);

	assert(err == PUBSUB_OK || err == PUBSUB_ERR_COMMAND_ACTION_UNKNOWN);
	if (err != PUBSUB_OK)
		return;
	assert(command.action < CODEC_ACTION_COUNT);
	assert(command.node == NULL || *command.node != '\0');
	assert(command.session_id == NULL || *command.session_id != '\0');
	err = codec_form_parse(&form, command.form, arena, &config, &set, &detail);
	assert(err == PUBSUB_OK || err == PUBSUB_ERR_COMMAND_PAYLOAD);
}

/* What is kept in two forms is written by one and read by the other: the second time nothing changes. */
static bool write_again(const struct xml_stanza *doc, struct xml_writer *w)
{
	struct codec_bookmarks bookmarks;
	struct codec_bookmark bookmark;
	struct codec_photo photo;

	if (codec_bookmark_parse(doc, &bookmark)) {
		codec_bookmark_render(w, &bookmark);
	} else if (codec_bookmarks_parse(doc, &bookmarks)) {
		codec_bookmarks_render(w, &bookmarks);
	} else if (xml_is(doc->root, NS_VCARD, "vCard")) {
		photo = codec_vcard_photo(doc->root);
		codec_vcard_render(w, doc, &photo);
	} else {
		return false;
	}
	assert(w->depth == 0);
	return true;
}

static void check_forms(const struct xml_stanza *stanza)
{
	struct buf once = {0}, twice = {0};
	struct xml_writer w = xml_writer(&once);
	struct xml_stanza again;
	bool parsed;

	if (!write_again(stanza, &w))
		return;
	parsed = xml_document_parse(
		&(struct xml_limits){0}, once.data, once.len, stanza->arena, &again);
	assert(parsed);
	w = xml_writer(&twice);
	parsed = write_again(&again, &w);
	assert(parsed && once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	buf_finish(&once);
	buf_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	const struct xml_element *el = NULL;
	struct xml_stanza stanza;

	if (xml_document_parse(&limits, (const char *)data, size, arena, &stanza)) {
		check_forms(&stanza);
		el = stanza.root->first;
	}
	for (; el != NULL; el = el->next) {
		if (xml_is(el, NS_COMMANDS, "command"))
			check_command(el, arena);
		for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
			if (xml_is(el, verbs[i].ns, verbs[i].name))
				check(&verbs[i], &stanza, el);
	}
	arena_destroy(arena);
	return 0;
}
