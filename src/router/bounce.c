/* Everything here is bounded: what is forgotten is counted anew, and a subscription lives a little
 * longer. Counts of entities are in memory alone, for a restart makes the ids of what was sent
 * before somebody else's; for how long a domain has been out of reach is in the store, at most a
 * tick old. */
#include "bounce.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "peppy/id.h"
#include "peppy/log.h"
#include "peppy/memory.h"
#include "peppy/store_contacts.h"

#include "service_call.h"

#define COUNTS_MAX 50000 /* entities that bounce at a time */
#define DOMAINS_MAX 10000
#define ENDED_PER_TURN 1000
#define GONE_AFTER 3 /* bounces without a sign of life between them */
#define DAY_US (UINT64_C(86400) * 1000000)
#define SILENCE_US (7 * DAY_US)
#define SAVE_US (DAY_US / 4) /* a domain that goes on bouncing is stored so often */
#define PAGE 500             /* domains read at a time */
#define GAP_US (2 * DAY_US)  /* so long without a bounce nobody knows whether it was out of reach */

enum sign { SIGN_OF_LIFE, SIGN_GONE, SIGN_UNREACHABLE, SIGN_NONE };

/* What a stanza says of its sender, until the turn is committed. */
struct bounce {
	struct bounce *next;
	enum sign sign;
	size_t component;
	struct jid jid;
	const char *id;
};

struct count {
	unsigned bounces;
	char last[ID_SIGNED_SIZE]; /* counted; the same one may come twice */
};

struct silence {
	uint64_t since_us; /* wall clock: the first bounce; 0: it has spoken */
	uint64_t last_us;  /* the last one; likewise */
	uint64_t saved_us; /* last_us as stored; 0: it is not */
};

struct ended {
	TAILQ_ENTRY(ended) link;
	size_t component;
	char *jid;
};

struct bounces {
	struct map *counts;  /* "component's JID\nbare JID" -> struct count: a cache */
	struct map *domains; /* domain -> struct silence: a cache */
	bool dirty;          /* the store is to be told of domains */
	TAILQ_HEAD(, ended) ended;
};

void bounces_open(struct router *router)
{
	struct bounces *bounces = memory_alloc(sizeof *bounces);

	bounces->counts = map_create(COUNTS_MAX, free);
	bounces->domains = map_create(DOMAINS_MAX, free);
	TAILQ_INIT(&bounces->ended);
	router->bounces = bounces;
}

void bounces_close(struct router *router)
{
	struct bounces *bounces = router->bounces;
	struct ended *ended;

	if (bounces == NULL)
		return;
	while ((ended = TAILQ_FIRST(&bounces->ended)) != NULL) {
		TAILQ_REMOVE(&bounces->ended, ended, link);
		free(ended->jid);
		free(ended);
	}
	map_destroy(bounces->counts);
	map_destroy(bounces->domains);
	free(bounces);
}

/* ---- reading ---- */

static enum sign condition_of(const struct xml_element *stanza)
{
	const struct xml_element *error = xml_child(stanza, NS_COMPONENT, "error");

	if (error == NULL)
		return SIGN_NONE;
	if (xml_child(error, NS_STANZAS, "gone") != NULL ||
		xml_child(error, NS_STANZAS, "item-not-found") != NULL)
		return SIGN_GONE;
	return xml_child(error, NS_STANZAS, "remote-server-not-found") != NULL ? SIGN_UNREACHABLE
									       : SIGN_NONE;
}

static bool is_counting(const struct turn *turn)
{
	const struct bounces *bounces = turn->router->bounces;

	return turn->bounces != NULL || map_count(bounces->counts) > 0 ||
	       map_count(bounces->domains) > 0;
}

void bounce_seen(struct turn *turn, size_t component, const struct xml_element *stanza)
{
	const char *from = xml_attr(stanza, "from"), *id = xml_attr(stanza, "id");
	struct bounce bounce = {.component = component, .id = id}, *copy;

	if (from == NULL || *from == '\0')
		return;
	if (xml_attr_is(stanza, "type", "error")) {
		if (id == NULL || strcmp(stanza->name, "message") != 0)
			return;
		bounce.sign = condition_of(stanza);
	} else if (!is_counting(turn)) {
		return;
	}
	if (bounce.sign == SIGN_NONE)
		return;
	bounce.jid = jid_received(from, turn->arena);
	if (bounce.sign != SIGN_OF_LIFE && !id_signed_is(id, bounce.jid.full))
		return;
	copy = arena_alloc(turn->arena, sizeof *copy);
	*copy = bounce;
	*turn->bounces_end = copy;
	turn->bounces_end = &copy->next;
}

/* ---- counting ---- */

static void end_subscriptions(struct router *router, const struct bounce *bounce)
{
	struct ended *ended = memory_alloc(sizeof *ended);

	ended->component = bounce->component;
	ended->jid = memory_strdup(bounce->jid.full);
	TAILQ_INSERT_TAIL(&router->bounces->ended, ended, link);
}

static void count_gone(struct turn *turn, const struct bounce *bounce, const char *key)
{
	struct map *counts = turn->router->bounces->counts;
	struct count *count = map_find(counts, key);

	if (count == NULL) {
		count = memory_alloc(sizeof *count);
		map_put(counts, key, count);
	}
	if (strcmp(count->last, bounce->id) == 0)
		return;
	memcpy(count->last, bounce->id, sizeof count->last);
	if (++count->bounces < GONE_AFTER)
		return;
	map_del(counts, key);
	end_subscriptions(turn->router, bounce);
}

static void count_unreachable(struct turn *turn, const struct bounce *bounce)
{
	struct router *router = turn->router;
	struct map *domains = router->bounces->domains;
	struct silence *silence = map_find(domains, bounce->jid.domain);
	uint64_t now_us = turn->now_us;

	if (silence == NULL) {
		silence = memory_alloc(sizeof *silence);
		map_put(domains, bounce->jid.domain, silence);
	}
	if (silence->last_us + GAP_US < now_us || silence->since_us > now_us)
		silence->since_us = now_us;
	silence->last_us = now_us;
	router->bounces->dirty |= silence->saved_us + SAVE_US < now_us ||
				  silence->saved_us > now_us || silence->since_us == now_us;
	if (now_us - silence->since_us >= SILENCE_US)
		end_subscriptions(router, bounce);
}

/* Somebody there has spoken. */
static void forget_silence(struct bounces *bounces, const char *domain)
{
	struct silence *silence = map_find(bounces->domains, domain);

	if (silence == NULL)
		return;
	bounces->dirty |= silence->saved_us != 0;
	if (silence->saved_us != 0)
		silence->since_us = silence->last_us = 0; /* until the store has been told */
	else
		map_del(bounces->domains, domain);
}

void bounces_keep(struct turn *turn)
{
	struct bounces *bounces = turn->router->bounces;

	for (const struct bounce *bounce = turn->bounces; bounce != NULL; bounce = bounce->next) {
		const struct component *component = &turn->router->components[bounce->component];
		const char *key =
			arena_printf(turn->arena, "%s\n%s", component->opt->jid, bounce->jid.bare);

		if (bounce->sign == SIGN_UNREACHABLE) {
			count_unreachable(turn, bounce);
			continue;
		}
		forget_silence(bounces, bounce->jid.domain);
		if (bounce->sign == SIGN_GONE)
			count_gone(turn, bounce, key);
		else
			map_del(bounces->counts, key);
	}
	bounces_drop(turn);
}

void bounces_drop(struct turn *turn)
{
	turn->bounces = NULL;
	turn->bounces_end = &turn->bounces;
}

/* ---- keeping ---- */

/* In a turn of its own, which may be run again: what was saved is noted when all of it was. */
static void save_run(struct turn *turn, struct task *task)
{
	struct map *domains = turn->router->bounces->domains;
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);
	void *cursor = NULL, *value;
	const char *domain;

	(void)task;
	while (turn->err == PUBSUB_OK && map_next(domains, &cursor, &domain, &value)) {
		const struct silence *silence = value;
		const struct store_silence row = {domain, silence->since_us, silence->last_us};

		if (silence->last_us == 0)
			turn->err = store_silence_del(txn, domain);
		else if (silence->saved_us != silence->last_us)
			turn->err = store_silence_put(txn, &row);
	}
}

static void note_saved(struct bounces *bounces)
{
	void *cursor = NULL, *value;
	const char *domain;

	bounces->dirty = false;
	while (map_next(bounces->domains, &cursor, &domain, &value)) {
		struct silence *silence = value;

		silence->saved_us = silence->last_us;
		if (silence->last_us == 0)
			map_del(bounces->domains, domain);
	}
}

void bounces_tick(struct router *router)
{
	const struct task task = {.run = save_run};

	if (router->bounces->dirty && turn_run(router, &task) == PUBSUB_OK)
		note_saved(router->bounces);
}

enum pubsub_error bounces_load(struct turn *turn)
{
	struct map *domains = turn->router->bounces->domains;
	struct store_txn *txn = turn_txn(turn, STORE_READ);
	struct store_silence *rows = NULL;
	const char *after = NULL;
	size_t n = 0;

	do {
		enum pubsub_error err =
			txn == NULL ? turn->err
				    : store_silences_page(txn, after, PAGE, turn->arena, &rows, &n);

		if (err != PUBSUB_OK)
			return err;
		for (size_t i = 0; i < n; i++) {
			struct silence *silence = memory_alloc(sizeof *silence);

			*silence = (struct silence){
				rows[i].since_us, rows[i].last_us, rows[i].last_us};
			map_put(domains, rows[i].domain, silence);
		}
		after = n > 0 ? rows[n - 1].domain : NULL;
	} while (n == PAGE);
	return PUBSUB_OK;
}

/* ---- ending ---- */

static void end_run(struct turn *turn, struct task *task)
{
	const char *component = turn->router->opt.components[task->component].jid;
	struct service service;

	if (service_call_open(turn, task->component, false, true, STORE_WRITE, &service))
		service_call_close(
			turn, &service, service_bounced(&service, component, task->departed));
}

static bool take_ended(struct turn *turn, struct task *out)
{
	struct bounces *bounces = turn->router->bounces;
	struct ended *ended = TAILQ_FIRST(&bounces->ended);

	if (ended == NULL)
		return false;
	TAILQ_REMOVE(&bounces->ended, ended, link);
	out->component = ended->component;
	jid_take(ended->jid, turn->arena, &out->departed);
	log_info("router", "%s is gone: its subscriptions end", ended->jid);
	free(ended->jid);
	free(ended);
	return true;
}

bool bounces_run(struct router *router)
{
	struct task task = {.run = end_run};

	return turn_run_each(router, &task, take_ended, ENDED_PER_TURN);
}
