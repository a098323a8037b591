/* XEP-0227: what a store holds goes there and comes back; what other servers write; what is
 * hostile. */
#include "goods.h"

#include <string.h>

#include "peppy/array.h"
#include <sys/mman.h>
#include <unistd.h>

#include "control/pie.h"

#define HEAD "<server-data xmlns='urn:xmpp:pie:0'>"
#define USER HEAD "<host jid='denmark.lit'><user name='hamlet'>"
#define TAIL "</user></host></server-data>"
#define OWNER USER "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
#define ITEMS                                                                                      \
	OWNER "<configure node='n'/></pubsub>"                                                     \
	      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'>"
#define ITEMS_TAIL "</items></pubsub>" TAIL
#define FORM(fields)                                                                               \
	"<configure node='n'><x xmlns='jabber:x:data' type='submit'>" fields "</x></configure>"

static struct store_txn *begin(struct store *store, enum store_mode mode)
{
	struct store_txn *txn;

	assert_int_equal(store_begin(store, mode, &txn), PUBSUB_OK);
	return txn;
}

/* ---- out ---- */

struct writing {
	struct rig *rig;
	struct pie_writer *writer;
};

static bool put(void *ctx, const struct exchange_record *record)
{
	struct writing *writing = ctx;

	pie_write(writing->writer, record, writing->rig->arena);
	return true;
}

static const char *export(struct rig *rig, struct store *store)
{
	struct store_txn *txn = begin(store, STORE_READ);
	struct buf out = {0};
	struct writing writing = {rig, pie_writer_create(&out)};
	const char *text;

	assert_int_equal(exchange_all(txn, put, &writing), PUBSUB_OK);
	store_abort(txn);
	pie_writer_end(writing.writer);
	pie_writer_destroy(writing.writer);
	text = arena_memdup(rig->arena, out.data, out.len);
	buf_finish(&out);
	return text;
}

/* ---- in ---- */

struct loading {
	struct rig *rig;
	struct exchange_load load;
	const char *included; /* a file's text; NULL: there is none */
	const char *asked;    /* for this path */
	const char *why;
	size_t line;
	const char *passed_over;
};

static bool take(void *ctx, const struct exchange_record *record)
{
	struct loading *loading = ctx;

	return exchange_take(&loading->load, record) == PUBSUB_OK;
}

static int file_of(const char *text)
{
	int fd = memfd_create("pie", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int open_included(void *ctx, const char *path)
{
	struct loading *loading = ctx;

	loading->asked = arena_strdup(loading->rig->arena, path);
	return file_of(loading->included);
}

static bool read_once(struct loading *loading, struct pie_reader *reader, const char *text)
{
	const int fd = file_of(text);
	const bool good = pie_read(reader, fd, "some/where/file.xml");
	const char *why = pie_reason(reader);

	close(fd);
	loading->line = pie_line(reader);
	if (!good)
		loading->why =
			arena_strdup(loading->rig->arena, why != NULL ? why : loading->load.why);
	return good;
}

static bool pass(struct loading *loading, struct store *store, const char *text, bool writes)
{
	static const struct pie_ops ops = {take, open_included};
	struct pie_reader *reader = pie_reader_create(&ops, loading);
	void *cursor = NULL;
	size_t n;
	bool good;

	loading->load.txn = begin(store, writes ? STORE_WRITE : STORE_READ);
	loading->load.writes = writes;
	loading->load.records = 0;
	good = read_once(loading, reader, text);
	if (pie_passed_over(reader, &cursor, &loading->passed_over, &n))
		loading->passed_over = arena_strdup(loading->rig->arena, loading->passed_over);
	pie_reader_destroy(reader);
	if (writes && good)
		assert_int_equal(store_commit(loading->load.txn), PUBSUB_OK);
	else
		store_abort(loading->load.txn);
	return good;
}

static struct loading load(struct rig *rig, struct store *store, const char *text)
{
	struct loading loading = {
		.rig = rig, .included = "<user xmlns='urn:xmpp:pie:0' name='x'/>"};

	exchange_load_init(&loading.load, 7000000);
	if (pass(&loading, store, text, false))
		pass(&loading, store, text, true);
	exchange_load_finish(&loading.load);
	return loading;
}

static struct store *new_store(void)
{
	struct store *store;

	assert_int_equal(store_open_mem(&store), PUBSUB_OK);
	return store;
}

/* ---- both ways ---- */

static void ask(struct rig *rig, const char *request)
{
	const char *answer = rig_ask(rig, request);

	if (strstr(answer, "'result'") == NULL)
		fail_msg("%s", answer);
}

static void test_what_is_exported_loads_and_exports_the_same(void **state)
{
	struct rig *rig = *state;
	struct store *other = new_store();
	struct loading loading;
	const char *first;

	goods_fill(rig);
	first = export(rig, rig->store);
	loading = load(rig, other, first);
	assert_null(loading.why);
	assert_string_equal(export(rig, other), first);
	assert_non_null(strstr(first, "<user name='hamlet'>"));
	assert_non_null(strstr(first, "<e xmlns=\"u\">&lt; xi:y</e></item>"));
	assert_non_null(strstr(first, "<items node='empty'>"));
	store_close(other);
}

static struct pubsub_node *node_of(
	struct rig *rig, struct store_txn *txn, const char *service, const char *node_id)
{
	struct pubsub_node *node;

	assert_int_equal(store_node_get(txn, service, node_id, rig->arena, &node), PUBSUB_OK);
	return node;
}

/* The example of the XEP, as far as it is ours. */
static void test_what_another_server_writes_is_loaded(void **state)
{
	static const char text[] =
		OWNER "<configure node='urn:xmpp:bookmarks:1'><x xmlns='jabber:x:data' type='form'>"
		      "<field var='pubsub#access_model'><value>whitelist</value></field>"
		      "<field var='pubsub#title'/><field var='of another'><value>1</value></field>"
		      "</x></configure><affiliations node='urn:xmpp:bookmarks:1'>"
		      "<affiliation jid='Mercutio@example.net' affiliation='member'/>"
		      "<affiliation jid='hamlet@denmark.lit' affiliation='owner'/></affiliations>"
		      "<subscriptions node='urn:xmpp:bookmarks:1'><subscription "
		      "jid='mercutio@example.net' subscription='subscribed' subid='123-abc'/>"
		      "</subscriptions><configure node='nick'/></pubsub>"
		      "<pubsub xmlns='http://jabber.org/protocol/pubsub' xmlns:p='urn:p'>"
		      "<items node='urn:xmpp:bookmarks:1'><item id='a@b'><p:c name='x'/></item>"
		      "<item id='c@d'/></items><items node='nick'/></pubsub>" TAIL;
	struct rig *rig = *state;
	struct store *store = new_store();
	struct loading loading = load(rig, store, text);
	struct pubsub_node *node;
	struct pubsub_item item;
	enum pubsub_affiliation own;
	struct store_txn *txn;

	assert_null(loading.why);
	assert_string_equal(loading.passed_over, "field of another");
	txn = begin(store, STORE_READ);
	node = node_of(rig, txn, "hamlet@denmark.lit", "urn:xmpp:bookmarks:1");
	assert_int_equal(node->config.access_model, PUBSUB_ACCESS_WHITELIST);
	assert_string_equal(node->creator, "hamlet@denmark.lit");
	assert_int_equal(store_affiliation_get(txn, node, "hamlet@denmark.lit", &own), PUBSUB_OK);
	assert_int_equal(own, PUBSUB_AFFILIATION_NONE); /* it needs none */
	assert_int_equal(node->items, 2);
	assert_int_equal(node->subscribers, 1);
	assert_int_equal(store_item_get(txn, node, "a@b", &item), PUBSUB_OK);
	assert_string_equal(arena_memdup(rig->arena, item.payload, item.payload_len),
		"<p:c xmlns='http://jabber.org/protocol/pubsub' xmlns:p='urn:p' name='x'/>");
	assert_int_equal(item.published_us, 7000000);
	node = node_of(rig, txn, "hamlet@denmark.lit", "nick");
	assert_int_equal(node->config.access_model, PUBSUB_ACCESS_PRESENCE); /* not open */
	store_abort(txn);
	store_close(store);
}

static void test_files_that_are_wrong_or_hostile_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text, *why;
		size_t line;
	} rows[] = {
		{"", "no element", 1},
		{"\n\n<server-data/>", "not a file of XEP-0227", 3},
		{HEAD "\n<host", "unclosed token", 2},
		{HEAD, "no element found", 1},
		{"<!DOCTYPE a [<!ENTITY a 'a'>]>" HEAD, "document type", 1},
		{HEAD "\n<host/>", "a host needs", 2},
		{HEAD "<host jid='a.b'>\n\n<user/>", "a user needs", 3},
		{HEAD "<host jid='a@b'><user name='x'/>", "makes no JID", 1},
		{HEAD "<host jid='a.b'><user name='x/y'/>", "makes no JID", 1},
		{HEAD "<service xmlns='urn:peppy:export:1'/>", "makes no JID", 1},
		{OWNER "\n<configure/>", "a node needs a name", 2},
		{OWNER "<configure node='n'/>\n<configure node='n'/>", "already come", 2},
		{OWNER "<configure node='n'><made xmlns='urn:peppy:export:1' at='now'/>"
		       "</configure>",
			"made at no time", 1},
		{OWNER "\n<affiliations/>", "which node", 2},
		{OWNER "\n<affiliations node='n'>\n<affiliation jid='a@b' affiliation='owner'/>",
			"its node has not come", 3},
		{OWNER "<configure node='n'/><affiliations node='n'><affiliation jid='a@b' "
		       "affiliation='king'/>",
			"an affiliation needs", 1},
		{OWNER "<configure node='n'/><subscriptions node='n'><subscription "
		       "jid='a@b'/>",
			"a subscription needs", 1},
		{OWNER "<configure node='n'/><child xmlns='urn:peppy:export:1' node='n' "
		       "collection='m'/>",
			"its collection", 1},
		{OWNER "<configure node='n'/><child xmlns='urn:peppy:export:1' node='n'/>",
			"a child needs", 1},
		{OWNER "<configure node='a'/><configure node='b'/><child "
		       "xmlns='urn:peppy:export:1' node='a' collection='b'/>\n<child "
		       "xmlns='urn:peppy:export:1' node='b' collection='a'/>",
			"a circle", 2},
		{OWNER "<configure node='a'/><child xmlns='urn:peppy:export:1' node='a' "
		       "collection='a'/>",
			"a circle", 1},
		{OWNER "\n" FORM("<field var='pubsub#access_model'><value>moon</value></field>"),
			"pubsub#access_model cannot be 'moon'", 2},
		{ITEMS "\n<item><a/></item>" ITEMS_TAIL, "needs an id", 2},
		{ITEMS "<item id='1' publisher='@'><a/></item>" ITEMS_TAIL, "is not a JID", 1},
		{ITEMS "<item id='1'><a/><b/></item>" ITEMS_TAIL, "one element", 1},
		{ITEMS "<item id='1'><a><!-- --></a></item>" ITEMS_TAIL, "a comment", 1},
		{ITEMS "<item id='1'><a><?b c?></a></item>" ITEMS_TAIL, "instruction", 1},
		{ITEMS "<item id='1'><a>&b;</a></item>" ITEMS_TAIL, "undefined entity", 1},
		{ITEMS "<times xmlns='urn:peppy:export:1' published='now'/>" ITEMS_TAIL,
			"at no time", 1},
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct store *store = new_store();
		struct loading loading = load(rig, store, rows[i].text);

		if (loading.why == NULL || strstr(loading.why, rows[i].why) == NULL ||
			loading.line != rows[i].line)
			fail_msg("%s: %s in line %zu", rows[i].text, loading.why, loading.line);
		store_close(store);
	}
}

static void test_elements_without_end_are_refused(void **state)
{
	struct rig *rig = *state;
	struct store *store = new_store();
	struct buf text = {0};
	struct loading loading;

	buf_append_text(&text, ITEMS "<item id='1'>");
	for (int i = 0; i < 1000; i++)
		buf_append_text(&text, "<a>");
	buf_append_byte(&text, '\0');
	loading = load(rig, store, text.data);
	assert_non_null(strstr(loading.why, "without end"));
	buf_finish(&text);
	store_close(store);
}

static void test_what_is_none_of_ours_is_passed_over_and_told(void **state)
{
	struct rig *rig = *state;
	struct store *store = new_store();
	struct loading loading = load(rig, store,
		USER
		"<query xmlns='jabber:iq:roster'><item jid='a@b'><!-- --></item></query>" TAIL);

	assert_null(loading.why);
	assert_string_equal(loading.passed_over, "<query xmlns='jabber:iq:roster'>");
	store_close(store);
}

#define INCLUDE(attrs)                                                                             \
	HEAD "<host jid='a.b'><include xmlns='http://www.w3.org/2001/XInclude' " attrs             \
	     "/></host></server-data>"

static void test_files_are_included_from_their_folder_alone(void **state)
{
	static const char *const refused[] = {"href='../x'", "href='/x'", "href='a/../../x'",
		"href='file:x'", "href=''", "", "href='x' parse='text'"};
	struct rig *rig = *state;
	struct store *store = new_store();
	struct loading loading = load(rig, store, INCLUDE("href='a.b/x.xml'"));

	assert_null(loading.why);
	assert_string_equal(loading.asked, "some/where/a.b/x.xml");
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		loading = load(rig, store, arena_printf(rig->arena, INCLUDE("%s"), refused[i]));
		assert_non_null(strstr(loading.why, "same folder"));
		assert_null(loading.asked);
	}
	store_close(store);
}

static void test_files_that_include_each_other_come_to_an_end(void **state)
{
	struct rig *rig = *state;
	struct store *store = new_store();
	struct loading loading = {.rig = rig,
		.included = "<include xmlns='http://www.w3.org/2001/XInclude' href='x'/>"};

	exchange_load_init(&loading.load, 1);
	assert_false(pass(&loading, store, INCLUDE("href='x'"), false));
	assert_non_null(strstr(loading.why, "include each other"));
	exchange_load_finish(&loading.load);
	store_close(store);
}

static void test_nodes_that_exist_can_be_kept(void **state)
{
	struct rig *rig = *state;
	struct loading loading = {.rig = rig};
	const char *before;

	exchange_load_init(&loading.load, 1);
	loading.load.keeps = true;
	ask(rig, "{'command':'nodes create','service':'hamlet@denmark.lit','node':'n'}");
	before = export(rig, rig->store);
	assert_true(pass(&loading, rig->store, ITEMS "<item id='1'/>" ITEMS_TAIL, false));
	assert_true(pass(&loading, rig->store, ITEMS "<item id='1'/>" ITEMS_TAIL, true));
	assert_int_equal(loading.load.kept, 1);
	assert_string_equal(export(rig, rig->store), before);
	exchange_load_finish(&loading.load);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_what_is_exported_loads_and_exports_the_same),
		RIG_TEST(test_what_another_server_writes_is_loaded),
		RIG_TEST(test_files_that_are_wrong_or_hostile_are_refused_with_their_line),
		RIG_TEST(test_elements_without_end_are_refused),
		RIG_TEST(test_what_is_none_of_ours_is_passed_over_and_told),
		RIG_TEST(test_files_are_included_from_their_folder_alone),
		RIG_TEST(test_files_that_include_each_other_come_to_an_end),
		RIG_TEST(test_nodes_that_exist_can_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
