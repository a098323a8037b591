/* entity.c - what we are when others ask. Capabilities are how a contact says which events it
 * wants (XEP-0163, section 4.3.2): the features "NODE+notify" below their hash. */
#include <stdlib.h>
#include <string.h>

#include "peppy/hash.h"

#include "client.h"

#define FEATURES_MAX 64
#define NOTIFY "+notify"

struct features { /* sorted */
	char *names[FEATURES_MAX];
	size_t count;
};

static void feature_add(
	struct features *features, struct arena *arena, const char *name, const char *suffix)
{
	if (features->count < FEATURES_MAX)
		features->names[features->count++] = arena_printf(arena, "%s%s", name, suffix);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* watch's words are the nodes of interest; without words those with short names. */
static struct features features_of(const struct options *opt, struct arena *arena)
{
	struct features features = {{0}, 0};
	size_t i;

	feature_add(&features, arena, XMPP_NS_DISCO_INFO, "");
	feature_add(&features, arena, NS_CAPS, "");
	feature_add(&features, arena, NS_PING, "");
	if (!opt->no_pep && opt->arg_count == 0)
		for (i = 0; node_well_known(i) != NULL; i++)
			feature_add(&features, arena, node_well_known(i), NOTIFY);
	if (!opt->no_pep)
		for (i = 0; i < opt->arg_count; i++)
			feature_add(&features, arena, node_resolve(opt->args[i]), NOTIFY);
	qsort(features.names, features.count, sizeof(features.names[0]), by_name);
	return features;
}

/* XEP-0115, section 5.1 */
static const char *verification(const struct features *features, struct arena *arena)
{
	unsigned char digest[HASH_MAX_SIZE];
	struct buf text = {0};
	const char *ver;
	size_t i;

	buf_append_text(&text, "client/console//peppy<");
	for (i = 0; i < features->count; i++)
		buf_printf(&text, "%s<", features->names[i]);
	ver = hash_base64_encode(arena, digest, hash_digest("sha-1", text.data, text.len, digest));
	buf_finish(&text);
	return ver;
}

void entity_presence(const struct options *opt, struct buf *out)
{
	struct arena *arena = arena_create();
	struct features features = features_of(opt, arena);
	struct xml_writer w = xml_writer(out);

	xml_start(&w, "presence");
	xml_start_ns(&w, "c", NS_CAPS);
	xml_put_attr(&w, "hash", "sha-1");
	xml_put_attr(&w, "node", ENTITY_NODE);
	xml_put_attr(&w, "ver", verification(&features, arena));
	xml_end(&w);
	xml_end(&w);
	arena_destroy(arena);
}

static void write_info(struct xml_writer *w, const char *node, const struct features *features)
{
	size_t i;

	xml_start_ns(w, "query", XMPP_NS_DISCO_INFO);
	xml_put_attr(w, "node", node[0] != '\0' ? node : NULL);
	xml_start(w, "identity");
	xml_put_attr(w, "category", "client");
	xml_put_attr(w, "type", "console");
	xml_put_attr(w, "name", "peppy");
	xml_end(w);
	for (i = 0; i < features->count; i++) {
		xml_start(w, "feature");
		xml_put_attr(w, "var", features->names[i]);
		xml_end(w);
	}
	xml_end(w);
}

static void write_error(struct xml_writer *w, const char *condition)
{
	xml_start(w, "error");
	xml_put_attr(w, "type", "cancel");
	xml_start_ns(w, condition, XMPP_NS_STANZAS_IETF);
	xml_end(w);
	xml_end(w);
}

/* Of an unknown node we know nothing; our own are "" and NODE#ver. */
static bool is_our_node(const char *node, const struct features *features, struct arena *arena)
{
	return node[0] == '\0' || strcmp(node, arena_printf(arena, "%s#%s", ENTITY_NODE,
						       verification(features, arena))) == 0;
}

void entity_answer(struct session *session, const struct options *opt, xmpp_stanza_t *iq)
{
	struct arena *arena = arena_create();
	struct features features = features_of(opt, arena);
	xmpp_stanza_t *query = stanza_child(iq, "query", XMPP_NS_DISCO_INFO);
	struct buf out = {0};
	struct xml_writer w = xml_writer(&out);
	const char *node = query != NULL ? stanza_attr(query, "node") : "";
	bool is_ping = stanza_child(iq, "ping", NS_PING) != NULL;
	bool is_known = query != NULL ? is_our_node(node, &features, arena) : is_ping;

	xml_start(&w, "iq");
	xml_put_attr(&w, "type", is_known ? "result" : "error");
	xml_put_attr(&w, "id", xmpp_stanza_get_id(iq));
	xml_put_attr(&w, "to", xmpp_stanza_get_from(iq));
	if (!is_known)
		write_error(&w, query != NULL ? "item-not-found" : "service-unavailable");
	else if (query != NULL)
		write_info(&w, node, &features);
	xml_end(&w);
	session_send(session, &out);
	buf_finish(&out);
	arena_destroy(arena);
}
