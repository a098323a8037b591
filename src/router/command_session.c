/* A step changes its session only when its turn is committed: one that is run again finds it as it
 * was. */
#include "command_session.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/memory.h"

#include "command.h"

#define KEPT_BYTES (64 * 1024) /* of one: a NodeID may be long */

/* A session in memory. */
struct kept {
	struct session session;
	struct jid from;
	bool remote;         /* a user of another server */
	struct arena *arena; /* of its texts */
	uint64_t used_us;    /* monotonic */
};

struct session_change {
	struct session_change *next;
	const char *key;
	struct session session;
	bool remote;
	bool ended;
};

static void kept_free(void *value)
{
	struct kept *kept = value;

	arena_destroy(kept->arena);
	free(kept);
}

void sessions_open(struct router *router)
{
	router->sessions = map_create(SESSIONS_MAX, kept_free);
}

void sessions_close(struct router *router)
{
	map_destroy(router->sessions);
}

/* ---- in a turn ---- */

static const char *key_of(const struct session *session, struct arena *arena)
{
	return arena_printf(arena, "%s\n%s\n%s", session->service, session->from, session->id);
}

static void own_args(const struct command *command, struct command_args *args, struct arena *arena)
{
	args->config = (struct pubsub_node_config){0};
	args->config_set = 0;
	for (size_t i = 0; i < COMMAND_STAGES_MAX; i++) {
		const struct command_stage *stage = &command->stages[i];

		if (stage->form != NULL && !stage->configures)
			pubsub_fields_own(stage->form->fields, args, arena);
	}
}

static void copy(const struct session *session, struct arena *arena, struct session *out)
{
	*out = *session;
	out->id = arena_strdup(arena, session->id);
	out->from = arena_strdup(arena, session->from);
	out->service = arena_strdup(arena, session->service);
	out->place.after = arena_strdup(arena, session->place.after);
	own_args(session->command, &out->args, arena);
}

static const struct session *find(struct turn *turn, const char *key)
{
	const struct session_change *last = NULL;
	const struct kept *kept;

	for (const struct session_change *change = turn->sessions; change != NULL;
		change = change->next)
		if (strcmp(change->key, key) == 0)
			last = change;
	if (last != NULL)
		return last->ended ? NULL : &last->session;
	kept = map_find(turn->router->sessions, key);
	if (kept == NULL || clock_monotonic_us() - kept->used_us >= SESSION_US)
		return NULL;
	return &kept->session;
}

bool session_find(struct turn *turn, struct session *session)
{
	const struct session *found = find(turn, key_of(session, turn->arena));

	if (found != NULL)
		copy(found, turn->arena, session);
	return found != NULL;
}

static void change(struct turn *turn, const struct session *session, bool ended)
{
	const struct component *component = &turn->router->components[turn->task->component];
	struct session_change *change = arena_alloc(turn->arena, sizeof *change);
	struct jid from;

	jid_take(session->from, turn->arena, &from);
	*change = (struct session_change){
		.key = key_of(session, turn->arena),
		.session = *session,
		.remote = !pubsub_texts_have(component->opt->domains, from.domain),
		.ended = ended,
	};
	*turn->sessions_end = change;
	turn->sessions_end = &change->next;
}

void session_put(struct turn *turn, const struct session *session)
{
	change(turn, session, false);
}

void session_end(struct turn *turn, const struct session *session)
{
	change(turn, session, true);
}

/* ---- when it is committed ---- */

static struct kept *keep(const struct session_change *change)
{
	struct kept *kept = memory_alloc(sizeof *kept);

	kept->arena = arena_create();
	kept->used_us = clock_monotonic_us();
	kept->remote = change->remote;
	copy(&change->session, kept->arena, &kept->session);
	jid_take(change->session.from, kept->arena, &kept->from);
	return kept;
}

/* Whom a session shares a bound with, the nearest first: what goes of theirs makes room for all. */
enum kin { OF_ENTITY, OF_DOMAIN, OF_OTHER_SERVERS, KIN_COUNT };

static const size_t bounds[KIN_COUNT] = {
	[OF_ENTITY] = SESSIONS_PER_ENTITY,
	[OF_DOMAIN] = SESSIONS_PER_DOMAIN,
	[OF_OTHER_SERVERS] = SESSIONS_REMOTE,
};

static bool is_kin(const struct kept *kept, const struct kept *other, enum kin kin)
{
	switch (kin) {
	case OF_ENTITY:
		return jid_equal_bare(kept->from, other->from);
	case OF_DOMAIN:
		return other->remote && strcmp(kept->from.domain, other->from.domain) == 0;
	default:
		return other->remote && kept->remote;
	}
}

/* Nobody drives out the others by beginning one after the other. */
static void make_room(struct map *sessions, const struct kept *fresh, enum kin kin)
{
	const char *key, *oldest = NULL;
	void *cursor = NULL, *value;
	size_t n = 0;

	while (map_next(sessions, &cursor, &key, &value))
		if (is_kin(value, fresh, kin)) {
			oldest = key;
			n++;
		}
	if (n >= bounds[kin])
		map_del(sessions, oldest);
}

static void put(struct map *sessions, const struct session_change *change)
{
	struct kept *kept = keep(change);

	for (enum kin kin = 0; kin < KIN_COUNT && map_find(sessions, change->key) == NULL; kin++)
		make_room(sessions, kept, kin);
	map_put(sessions, change->key, kept);
	if (arena_bytes(kept->arena) > KEPT_BYTES)
		map_del(sessions, change->key); /* its next step finds it over */
}

void sessions_keep(struct turn *turn)
{
	struct map *sessions = turn->router->sessions;

	for (const struct session_change *change = turn->sessions; change != NULL;
		change = change->next)
		if (change->ended)
			map_del(sessions, change->key);
		else
			put(sessions, change);
	sessions_drop(turn);
}

void sessions_drop(struct turn *turn)
{
	turn->sessions = NULL;
	turn->sessions_end = &turn->sessions;
}
