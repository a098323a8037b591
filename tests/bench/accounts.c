#include "accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "peppy/arena.h"
#include "peppy/hash.h"
#include "stanzas.h"

#define NS_ROSTER "jabber:iq:roster"

/* ---- capabilities: XEP-0115 5.1 ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The features of the clients, sorted, in the arena. */
static char **features_of(const struct accounts *accounts, struct arena *arena, size_t *n_out)
{
	char **features = arena_alloc(arena, (accounts->nodes + 1) * sizeof *features);

	for (unsigned i = 0; i < accounts->nodes; i++)
		features[i] = arena_printf(arena, "n%u+notify", i);
	features[accounts->nodes] = arena_strdup(arena, NS_DISCO_INFO);
	qsort(features, accounts->nodes + 1, sizeof *features, by_text);
	*n_out = accounts->nodes + 1;
	return features;
}

void accounts_prepare(struct accounts *accounts)
{
	struct arena *arena = arena_create();
	unsigned char digest[HASH_MAX_SIZE];
	struct buf text = {0};
	size_t n;
	char **features = features_of(accounts, arena, &n);

	buf_append_text(&text, "client/pc//bench<");
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s<", features[i]);
	n = hash_digest("sha-1", text.data, text.len, digest);
	snprintf(accounts->ver, sizeof accounts->ver, "%s", hash_base64_encode(arena, digest, n));
	buf_finish(&text);
	arena_destroy(arena);
}

/* ---- announcing: what these two servers really send ---- */

static void open_message(struct buf *out)
{
	buf_append_text(out, "<message from='" DAEMON_DOMAIN "' to='" DAEMON_COMPONENT "'>");
}

static void announce_as_ejabberd(struct buf *out)
{
	static const char *const namespaces[] = {NS_PUBSUB, NS_PUBSUB "#owner"};

	for (int i = 0; i < 4; i++) {
		open_message(out);
		buf_printf(out,
			"<delegation xmlns='urn:xmpp:delegation:1'><delegated namespace='%s'/>"
			"</delegation></message>",
			namespaces[i / 2]);
	}
	open_message(out);
	buf_append_text(out,
		"<privilege xmlns='urn:xmpp:privilege:1'><perm type='outgoing' access='message'/>"
		"<perm type='both' access='roster'/><perm type='roster' access='presence'/>"
		"</privilege></message>");
}

static void announce_as_prosody(struct buf *out)
{
	open_message(out);
	buf_append_text(out,
		"<delegation xmlns='urn:xmpp:delegation:2'><delegated namespace='" NS_PUBSUB "'/>"
		"<delegated namespace='" NS_PUBSUB "#owner'/></delegation></message>");
	open_message(out);
	buf_append_text(out,
		"<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/>"
		"<perm access='message' type='outgoing'/><perm access='presence' type='roster'/>"
		"</privilege></message>");
}

void accounts_announce(struct buf *out, unsigned version)
{
	if (version == 1)
		announce_as_ejabberd(out);
	else
		announce_as_prosody(out);
}

/* ---- answering ---- */

static void open_answer(struct buf *out, const struct stanza *iq, const char *type)
{
	struct slice id = scan_attr(iq->tag, "id"), from = scan_attr(iq->tag, "from"),
		     to = scan_attr(iq->tag, "to");

	buf_printf(out, "<iq type='%s' id='%.*s' to='%.*s'", type, (int)id.len, id.at,
		(int)from.len, from.at);
	if (to.at != NULL)
		buf_printf(out, " from='%.*s'", (int)to.len, to.at);
	buf_append_text(out, ">");
}

static void answer_roster(struct accounts *accounts, const struct stanza *iq, struct buf *out)
{
	accounts->rosters++;
	open_answer(out, iq, "result");
	buf_append_text(out, "<query xmlns='" NS_ROSTER "'>");
	for (uint64_t i = 0; i < accounts->contacts; i++)
		buf_printf(out, "<item jid='u%llu@" DAEMON_DOMAIN "' subscription='both'/>",
			(unsigned long long)(accounts->first_contact + i));
	buf_append_text(out, "</query></iq>");
}

static void answer_client(struct accounts *accounts, const struct stanza *iq, struct buf *out)
{
	struct slice node = scan_attr(scan_tag(iq->bytes, "query"), "node");
	struct arena *arena = arena_create();
	size_t n;
	char **features = features_of(accounts, arena, &n);

	accounts->infos++;
	open_answer(out, iq, "result");
	buf_append_text(out, "<query xmlns='" NS_DISCO_INFO "'");
	if (node.at != NULL)
		buf_printf(out, " node='%.*s'", (int)node.len, node.at);
	buf_append_text(out, "><identity category='client' type='pc' name='bench'/>");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "<feature var='%s'/>", features[i]);
	buf_append_text(out, "</query></iq>");
	arena_destroy(arena);
}

void accounts_answer(struct accounts *accounts, const struct stanza *iq, struct buf *out)
{
	struct slice to = scan_attr(iq->tag, "to");
	struct slice ns = scan_attr(scan_tag(iq->bytes, "query"), "xmlns");
	bool to_client = to.at != NULL && memchr(to.at, '/', to.len) != NULL;

	if (ns.at != NULL && scan_is(ns, NS_ROSTER) && accounts->contacts > 0) {
		answer_roster(accounts, iq, out);
	} else if (ns.at != NULL && scan_is(ns, NS_DISCO_INFO) && to_client &&
		   accounts->nodes > 0) {
		answer_client(accounts, iq, out);
	} else {
		open_answer(out, iq, "error");
		buf_append_text(out, "<error type='cancel'><service-unavailable "
				     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	}
}
