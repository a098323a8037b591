/* list.c - subscriptions and affiliations: of an entity (XEP-0060 5.6, 5.7), and of a node as its
 * owners read and set them (8.8, 8.9). */
#include "codec/list.h"

#include "codec/request.h"
#include "codec/rsm.h"
#include "peppy/map.h"

/* ---- writing ---- */

void list_start_subscription(struct xml_writer *w, const struct pubsub_subscription *subscription)
{
	const char *node_id = subscription->node_id;

	xml_start(w, "subscription");
	if (node_id != NULL && *node_id != '\0') /* the root has none */
		xml_put_attr(w, "node", node_id);
	xml_put_attr(w, "jid", subscription->subscriber.full);
	xml_put_attr(w, "subid", subscription->sub_id);
	xml_put_attr(w, "subscription", pubsub_subscription_state_words.v[subscription->state]);
}

void list_put_affiliation(struct xml_writer *w, const struct pubsub_affiliate *affiliate)
{
	xml_start(w, "affiliation");
	xml_put_attr(w, "node", affiliate->node_id);
	xml_put_attr(w, "jid", affiliate->jid);
	xml_put_attr(w, "affiliation", pubsub_affiliation_words.v[affiliate->affiliation]);
	xml_end(w);
}

void list_put_item(struct xml_writer *w, const struct pubsub_item *item)
{
	xml_start(w, "item");
	xml_put_attr(w, "id", item->id);
	xml_put_attr(w, "publisher", item->publisher);
	if (item->payload != NULL)
		xml_put_raw(w, item->payload, item->payload_len);
	xml_end(w);
}

/* ---- the lists of an entity: each entry names its node ---- */

static enum pubsub_error parse_entity(const struct xml_element *el, struct pubsub_request *out)
{
	out->node_id = request_attr(el, "node"); /* none: of all nodes */
	return rsm_parse(el->parent, &out->rsm);
}

CODEC_PARSE(subscriptions)
{
	(void)stanza, (void)detail_out;
	return parse_entity(el, out);
}

CODEC_PARSE(affiliations)
{
	(void)stanza, (void)detail_out;
	return parse_entity(el, out);
}

static void open_list(struct xml_writer *w, const char *ns, const char *name,
	const struct pubsub_request *request)
{
	xml_start_ns(w, "pubsub", ns);
	xml_start(w, name);
	xml_put_attr(w, "node", request->node_id);
}

static void close_list(struct xml_writer *w, const struct pubsub_answer *answer)
{
	xml_end(w);
	rsm_render(w, &answer->page);
	xml_end(w);
}

CODEC_RENDER(subscriptions)
{
	open_list(w, NS_PUBSUB, "subscriptions", request);
	for (size_t i = 0; i < answer->subscription_count; i++) {
		list_start_subscription(w, &answer->subscriptions[i]);
		xml_end(w);
	}
	close_list(w, answer);
}

CODEC_RENDER(affiliations)
{
	open_list(w, NS_PUBSUB, "affiliations", request);
	for (size_t i = 0; i < answer->affiliate_count; i++) {
		struct pubsub_affiliate entry = answer->affiliates[i];

		entry.jid = NULL; /* it is the requester's */
		list_put_affiliation(w, &entry);
	}
	close_list(w, answer);
}

/* ---- the lists of a node, as owners see them: each entry names its JID ---- */

static enum pubsub_error parse_owner_list(const struct xml_element *el, struct pubsub_request *out)
{
	enum pubsub_error err = request_node(el, out);

	return err != PUBSUB_OK ? err : rsm_parse(el->parent, &out->rsm);
}

CODEC_PARSE(owner_subscriptions_get)
{
	(void)stanza, (void)detail_out;
	return parse_owner_list(el, out);
}

CODEC_PARSE(owner_affiliations_get)
{
	(void)stanza, (void)detail_out;
	return parse_owner_list(el, out);
}

CODEC_RENDER(owner_subscriptions)
{
	open_list(w, NS_PUBSUB_OWNER, "subscriptions", request);
	for (size_t i = 0; i < answer->subscription_count; i++) {
		struct pubsub_subscription entry = answer->subscriptions[i];

		entry.node_id = NULL;
		list_start_subscription(w, &entry);
		xml_end(w);
	}
	close_list(w, answer);
}

CODEC_RENDER(owner_affiliations)
{
	open_list(w, NS_PUBSUB_OWNER, "affiliations", request);
	for (size_t i = 0; i < answer->affiliate_count; i++) {
		struct pubsub_affiliate entry = answer->affiliates[i];

		entry.node_id = NULL;
		list_put_affiliation(w, &entry);
	}
	close_list(w, answer);
}

CODEC_RENDER(owner_subscriptions_set)
{
	if (answer->subscription_count > 0)
		codec_owner_subscriptions_render(w, request, answer);
}

CODEC_RENDER(owner_affiliations_set)
{
	if (answer->affiliate_count > 0)
		codec_owner_affiliations_render(w, request, answer);
}

/* ---- what owners set: deltas (8.8.2, 8.9.2) ---- */

/* Refuses what names the same entry twice; keys are remembered in seen. */
static enum pubsub_error see_once(struct map *seen, const char *key)
{
	if (map_find(seen, key) != NULL)
		return PUBSUB_ERR_BAD_REQUEST;
	map_put(seen, key, seen);
	return PUBSUB_OK;
}

/* The number of the word in that attribute; *n_out is -1 if it is absent: nothing is to change. */
static enum pubsub_error parse_word(const struct xml_element *el, const char *attr,
	const struct pubsub_words *words, int *n_out)
{
	const char *word = xml_attr(el, attr);

	*n_out = -1;
	if (word == NULL)
		return PUBSUB_OK;
	*n_out = pubsub_word_find(words, word);
	return *n_out >= 0 ? PUBSUB_OK : PUBSUB_ERR_BAD_REQUEST;
}

static enum pubsub_error parse_subscription(const struct xml_stanza *stanza,
	const struct xml_element *el, struct map *seen, struct pubsub_subscription *v, size_t *n)
{
	struct pubsub_subscription entry = {.sub_id = request_attr(el, "subid")};
	enum pubsub_error err = request_jid(el, stanza->arena, &entry.subscriber);
	const char *sub_id = entry.sub_id != NULL ? entry.sub_id : "";
	int state;

	if (err == PUBSUB_OK)
		err = parse_word(el, "subscription", &pubsub_subscription_state_words, &state);
	if (err == PUBSUB_OK)
		err = see_once(
			seen, arena_printf(stanza->arena, "%s\n%s", sub_id, entry.subscriber.full));
	if (err != PUBSUB_OK || state < 0)
		return err;
	entry.state = (enum pubsub_subscription_state)state;
	v[(*n)++] = entry;
	return PUBSUB_OK;
}

CODEC_PARSE(owner_subscriptions_set)
{
	const struct xml_element *entry = xml_child(el, NS_PUBSUB_OWNER, "subscription");
	enum pubsub_error err = request_node(el, out);
	struct pubsub_subscription *v;
	struct map *seen;

	(void)detail_out;
	if (err != PUBSUB_OK)
		return err;
	v = arena_alloc(stanza->arena, request_count(el, "subscription") * sizeof *v);
	seen = map_create(0, NULL);
	for (; entry != NULL && err == PUBSUB_OK;
		entry = xml_next(entry, NS_PUBSUB_OWNER, "subscription"))
		err = parse_subscription(stanza, entry, seen, v, &out->subscription_count);
	map_destroy(seen);
	out->subscriptions = v;
	return err;
}

static enum pubsub_error parse_affiliation(const struct xml_stanza *stanza,
	const struct xml_element *el, struct map *seen, struct pubsub_affiliate *v, size_t *n)
{
	enum pubsub_error err;
	struct jid jid;
	int affiliation;

	err = request_jid(el, stanza->arena, &jid);
	if (err == PUBSUB_OK && jid.resource != NULL) /* 4.1: of bare JIDs only */
		err = PUBSUB_ERR_BAD_REQUEST;
	if (err == PUBSUB_OK)
		err = parse_word(el, "affiliation", &pubsub_affiliation_words, &affiliation);
	if (err == PUBSUB_OK)
		err = see_once(seen, jid.bare);
	if (err != PUBSUB_OK || affiliation < 0)
		return err;
	v[(*n)++] = (struct pubsub_affiliate){
		.jid = jid.bare,
		.affiliation = (enum pubsub_affiliation)affiliation,
	};
	return PUBSUB_OK;
}

CODEC_PARSE(owner_affiliations_set)
{
	const struct xml_element *entry = xml_child(el, NS_PUBSUB_OWNER, "affiliation");
	enum pubsub_error err = request_node(el, out);
	struct pubsub_affiliate *v;
	struct map *seen;

	(void)detail_out;
	if (err != PUBSUB_OK)
		return err;
	v = arena_alloc(stanza->arena, request_count(el, "affiliation") * sizeof *v);
	seen = map_create(0, NULL);
	for (; entry != NULL && err == PUBSUB_OK;
		entry = xml_next(entry, NS_PUBSUB_OWNER, "affiliation"))
		err = parse_affiliation(stanza, entry, seen, v, &out->affiliate_count);
	map_destroy(seen);
	out->affiliates = v;
	return err;
}
