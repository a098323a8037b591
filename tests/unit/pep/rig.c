/* rig.c - see rig.h. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppy/log.h"
#include "peppy/memory.h"

static const char *const domains_0[] = {"localhost"};
static const char *const domains_1[] = {"b.example"};
static const struct pep_component components[] = {
	{"pubsub.localhost", {domains_0, 1}},
	{"pubsub.b.example", {domains_1, 1}},
};

/* ---- the surroundings ---- */

static struct store_txn *turn_txn(void *ctx, enum store_mode mode)
{
	struct rig *rig = ctx;

	if (rig->mode >= mode)
		return rig->txn;
	store_abort(rig->txn);
	assert_int_equal(store_begin(rig->store, mode, &rig->txn), PUBSUB_OK);
	rig->mode = mode;
	return rig->txn;
}

static void record(void *ctx, const struct pep_question *question)
{
	struct rig *rig = ctx;

	assert_true(rig->question_count < ARRAY_COUNT(rig->questions));
	rig->questions[rig->question_count++] = (struct question){
		.component = question->component,
		.to = memory_strdup(question->to),
		.payload = strndup(question->payload, question->payload_len),
		.key = memory_strdup(question->key),
		.answer = question->answer,
	};
}

static void turn_abort(struct rig *rig)
{
	store_abort(rig->txn);
	rig->txn = NULL;
	rig->mode = STORE_NONE;
}

static void turn_commit(struct rig *rig)
{
	bool dirty = rig->mode == STORE_WRITE && pep_is_dirty(rig->pep);

	if (dirty)
		assert_int_equal(pep_flush(rig->pep, &rig->turn), PUBSUB_OK);
	if (rig->mode == STORE_WRITE)
		assert_int_equal(store_commit(rig->txn), PUBSUB_OK);
	else
		store_abort(rig->txn);
	rig->txn = NULL;
	rig->mode = STORE_NONE;
	if (dirty)
		pep_flushed(rig->pep);
}

static bool may_look_up(void *ctx, size_t component, const char *jid)
{
	const char *busy = ((struct rig *)ctx)->busy;

	assert_in_range(component, 0, 1);
	return busy == NULL || strncmp(jid, busy, strlen(busy)) != 0;
}

static void open_pep(struct rig *rig)
{
	const struct pep_port port = {.ctx = rig, .ask = record, .may_look_up = may_look_up};

	rig->pep = pep_create(components, 2, &port);
	assert_int_equal(pep_load(rig->pep, &rig->turn), PUBSUB_OK);
	turn_abort(rig);
}

static int setup(void **state, bool twice)
{
	struct rig *rig = memory_alloc(sizeof *rig);

	log_level_set(LOG_LEVEL_ERROR);
	rig->twice = twice;
	rig->arena = arena_create();
	rig->turn = (struct pep_turn){
		.ctx = rig,
		.txn = turn_txn,
		.arena = rig->arena,
		.now_us = UINT64_C(1795148737000000),
	};
	assert_int_equal(store_open_mem(&rig->store), PUBSUB_OK);
	open_pep(rig);
	rig_up(rig, 0);
	rig_up(rig, 1);
	*state = rig;
	return 0;
}

int rig_setup(void **state)
{
	return setup(state, false);
}

int rig_setup_twice(void **state)
{
	return setup(state, true);
}

static void drop_questions(struct rig *rig)
{
	while (rig->question_count > 0) {
		struct question *question = &rig->questions[--rig->question_count];

		free(question->to);
		free(question->payload);
		free(question->key);
	}
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	pep_destroy(rig->pep);
	store_close(rig->store);
	drop_questions(rig);
	arena_destroy(rig->arena);
	free(rig);
	return 0;
}

void rig_restart(struct rig *rig)
{
	pep_destroy(rig->pep);
	drop_questions(rig);
	open_pep(rig);
}

void rig_flush(struct rig *rig)
{
	while (pep_is_dirty(rig->pep)) {
		turn_txn(rig, STORE_WRITE);
		turn_commit(rig);
	}
}

void rig_flush_fails(struct rig *rig)
{
	turn_txn(rig, STORE_WRITE);
	assert_int_equal(pep_flush(rig->pep, &rig->turn), PUBSUB_OK);
	turn_abort(rig);
}

void rig_up(struct rig *rig, size_t component)
{
	pep_link_up(rig->pep, &rig->turn, component);
	turn_commit(rig);
}

/* ---- stanzas ---- */

static const struct xml_element *parse(struct rig *rig, const char *xml)
{
	static const struct xml_limits unlimited = {0};
	const char *space = xml + strcspn(xml, " />");
	struct xml_stanza stanza;
	char *text = arena_printf(
		rig->arena, "%.*s xmlns='" NS_COMPONENT "'%s", (int)(space - xml), xml, space);

	if (!xml_document_parse(&unlimited, text, strlen(text), rig->arena, &stanza))
		fail_msg("not well-formed: %s", text);
	return stanza.root;
}

static void hand_in(struct rig *rig, size_t component, const struct xml_element *root)
{
	if (strcmp(root->name, "message") == 0)
		(void)pep_message(rig->pep, &rig->turn, component, root);
	else if (strcmp(root->name, "presence") == 0)
		pep_presence(rig->pep, &rig->turn, component, root);
	else
		fail_msg("<%s/> is for another function", root->name);
}

void rig_feed(struct rig *rig, size_t component, const char *xml)
{
	const struct xml_element *root = parse(rig, xml);

	if (rig->twice) {
		hand_in(rig, component, root);
		turn_abort(rig);
	}
	hand_in(rig, component, root);
	turn_commit(rig);
}

bool rig_push(struct rig *rig, size_t component, const char *xml)
{
	const struct xml_element *root = parse(rig, xml);
	bool believed = pep_roster_push(rig->pep, &rig->turn, component, root);

	if (rig->twice) {
		turn_abort(rig);
		believed = pep_roster_push(rig->pep, &rig->turn, component, root);
	}
	turn_commit(rig);
	return believed;
}

void rig_tick(struct rig *rig)
{
	rig->turn.now_us += SECOND;
	pep_tick(rig->pep, &rig->turn);
	turn_commit(rig);
}

void rig_grant(struct rig *rig)
{
	rig_feed(rig, 0,
		"<message to='pubsub.localhost' from='localhost'><delegation "
		"xmlns='urn:xmpp:delegation:1'><delegated "
		"namespace='http://jabber.org/protocol/pubsub'/></delegation></message>");
	rig_feed(rig, 0,
		"<message to='pubsub.localhost' from='localhost'><privilege "
		"xmlns='urn:xmpp:privilege:1'><perm type='outgoing' access='message'/><perm "
		"type='both' access='roster'/><perm type='roster' access='presence'/>"
		"</privilege></message>");
}

/* ---- questions ---- */

size_t rig_open(const struct rig *rig, const char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < rig->question_count; i++)
		n += !rig->questions[i].answered && strcmp(rig->questions[i].to, to) == 0;
	return n;
}

struct question *rig_question(struct rig *rig, const char *to)
{
	for (size_t i = rig->question_count; i-- > 0;)
		if (!rig->questions[i].answered && strcmp(rig->questions[i].to, to) == 0)
			return &rig->questions[i];
	fail_msg("%s was not asked", to);
	return NULL;
}

void rig_answer(struct rig *rig, const char *to, const char *xml)
{
	struct question *question = rig_question(rig, to);
	const struct xml_element *iq = xml == NULL ? NULL : parse(rig, xml);

	question->answered = true;
	if (rig->twice) {
		question->answer(rig->pep, &rig->turn, question->component, question->key, iq);
		turn_abort(rig);
	}
	question->answer(rig->pep, &rig->turn, question->component, question->key, iq);
	turn_commit(rig);
}

void rig_answer_roster(struct rig *rig, const char *account, ...)
{
	struct buf xml = {0};
	const char *jid;
	va_list args;

	buf_printf(&xml, "<iq type='result' from='%s'><query xmlns='jabber:iq:roster'>", account);
	va_start(args, account);
	while ((jid = va_arg(args, const char *)) != NULL) {
		const char *subscription = va_arg(args, const char *);

		buf_printf(&xml, "<item jid='%s' subscription='%s'><group>%s</group></item>", jid,
			subscription, va_arg(args, const char *));
	}
	va_end(args);
	buf_append(&xml, "</query></iq>", sizeof "</query></iq>");
	rig_answer(rig, account, xml.data);
	buf_finish(&xml);
}

/* ---- what the rules ask ---- */

enum contacts_answer rig_subscribed(struct rig *rig, const char *account, const char *contact)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	enum contacts_answer answer = contacts.subscribed(contacts.ctx, account, contact);

	turn_commit(rig);
	return answer;
}

enum contacts_answer rig_in_group(
	struct rig *rig, const char *account, const char *contact, const char *group)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	enum contacts_answer answer = contacts.in_groups(
		contacts.ctx, account, contact, (struct pubsub_texts){&group, 1});

	turn_commit(rig);
	return answer;
}

const char *rig_fetch(struct rig *rig)
{
	const char *account = pep_roster_fetch(rig->pep, &rig->turn);

	turn_commit(rig);
	return account;
}

static int compare(const void *a, const void *b)
{
	const struct contacts_interest *x = a, *y = b;

	return strcmp(x->jid.full, y->jid.full);
}

static const char *take(struct rig *rig, struct buf *text)
{
	const char *copy = arena_memdup(rig->arena, text->data, text->len);

	buf_finish(text);
	return copy;
}

static const char *interested(
	struct rig *rig, const char *account, const char *node_id, const char *unknown)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	struct contacts_interest *clients;
	size_t n;
	enum contacts_answer answer =
		contacts.interested(contacts.ctx, account, node_id, rig->arena, &clients, &n);
	struct buf text = {0};

	turn_commit(rig);
	qsort(clients, n, sizeof *clients, compare);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%s", i == 0 ? "" : " ", clients[i].jid.full);
	if (answer == CONTACTS_UNKNOWN)
		buf_append_text(&text, unknown);
	return take(rig, &text);
}

const char *rig_interested(struct rig *rig, const char *account, const char *node_id)
{
	return interested(rig, account, node_id, "?");
}

const char *rig_interested_now(struct rig *rig, const char *account, const char *node_id)
{
	return interested(rig, account, node_id, "");
}

bool rig_available(struct rig *rig, const char *jid)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	struct jid parsed;

	assert_true(jid_parse(jid, rig->arena, &parsed));
	return contacts.available(contacts.ctx, parsed);
}

bool rig_shows(struct rig *rig, const char *jid, const char *state)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	struct jid parsed;

	assert_true(jid_parse(jid, rig->arena, &parsed));
	return contacts.shows(contacts.ctx, parsed, (struct pubsub_texts){&state, 1});
}

static void append_texts(struct buf *out, struct pubsub_texts texts)
{
	for (size_t i = 0; i < texts.n; i++)
		buf_printf(out, " %s", texts.v[i]);
}

const char *rig_arrivals(struct rig *rig)
{
	struct pep_arrival arrival;
	struct buf text = {0};

	while (pep_arrival_next(rig->pep, rig->arena, &arrival)) {
		struct pubsub_texts accounts;

		if (rig->twice) {
			assert_int_equal(
				pep_arrival_accounts(rig->pep, &rig->turn, &arrival, &accounts),
				PUBSUB_OK);
			turn_abort(rig);
		}
		assert_int_equal(
			pep_arrival_accounts(rig->pep, &rig->turn, &arrival, &accounts), PUBSUB_OK);
		buf_append_text(&text, arrival.jid.full);
		if (arrival.first)
			buf_append_text(&text, " first");
		if (arrival.account != NULL)
			buf_printf(&text, " to %s", arrival.account);
		buf_append_text(&text, ":");
		append_texts(&text, arrival.notify);
		buf_append_text(&text, ";");
		append_texts(&text, accounts);
		buf_append_text(&text, "\n");
		turn_commit(rig);
	}
	return take(rig, &text);
}

const char *rig_stored(struct rig *rig)
{
	struct store_presence *rows;
	struct buf text = {0};
	size_t n;

	assert_int_equal(
		store_presences_page(turn_txn(rig, STORE_READ), NULL, 100, rig->arena, &rows, &n),
		PUBSUB_OK);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s at %s, %s\n", rows[i].jid.full, rows[i].component,
			rows[i].caps == NULL ? "no capabilities" : rows[i].caps);
	turn_commit(rig);
	return take(rig, &text);
}
