/* Parked requests: copies of their bytes, run again from the start when what they wait for is
 * there. A list in the order of arrival: it is short, and empty nearly always. */
#include "park.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

struct parked {
	struct parked *next;
	size_t component;
	unsigned charged; /* as of its task */
	char *sender;
	char *account;        /* NULL: waits only for its turn among its sender's */
	uint64_t deadline_us; /* monotonic */
	bool ready, expired;
	bool leaving; /* is run in the turn under way */
	size_t len;
	char bytes[];
};

static void parked_free(struct parked *parked)
{
	free(parked->sender);
	free(parked->account);
	free(parked);
}

static size_t count_before(const struct parked *list, const struct parked *end, const char *sender)
{
	size_t n = 0;

	for (; list != NULL && list != end; list = list->next)
		n += !list->leaving && strcmp(list->sender, sender) == 0;
	return n;
}

bool park_must_queue(const struct turn *turn, const struct task *task, const char *sender)
{
	return count_before(turn->router->parked, task->parked, sender) > 0 ||
	       (task->parked == NULL && count_before(turn->parked, NULL, sender) > 0);
}

static void append(struct parked **list, struct parked *parked)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = parked;
}

/* A request that waited already stays where it stands. */
static void wait_on(struct parked *parked, const struct task *task, const char *account)
{
	parked->charged = task->charged;
	free(parked->account);
	parked->account = memory_strdup(account);
	parked->ready = false;
	parked->leaving = false;
}

bool park_put(struct turn *turn, struct task *task, const char *sender, const char *account)
{
	struct router *router = turn->router;
	struct parked *parked;
	size_t len;
	char *bytes;

	if (task->parked != NULL) {
		wait_on(task->parked, task, account);
		return true;
	}
	bytes = xml_standalone(&task->stanza, task->stanza.root, &len);
	if (router->parked_bytes + PARK_EACH_BYTES + len > PARK_BYTES ||
		count_before(router->parked, NULL, sender) +
				count_before(turn->parked, NULL, sender) >=
			PARK_PER_SENDER)
		return false;
	parked = memory_alloc(sizeof *parked + len);
	parked->component = task->component;
	parked->charged = task->charged;
	parked->sender = memory_strdup(sender);
	parked->account = memory_strdup(account);
	parked->deadline_us = clock_monotonic_us() + PARK_DEADLINE_US;
	parked->ready = account == NULL;
	parked->len = len;
	memcpy(parked->bytes, bytes, len);
	router->parked_bytes += PARK_EACH_BYTES + len;
	append(&turn->parked, parked);
	return true;
}

void park_leave(const struct task *task)
{
	if (task->parked != NULL)
		task->parked->leaving = true;
}

bool park_is_expired(const struct task *task)
{
	return task->parked != NULL && task->parked->expired;
}

void park_settled(struct router *router, const char *account)
{
	for (struct parked *parked = router->parked; parked != NULL; parked = parked->next)
		if (parked->account != NULL && strcmp(parked->account, account) == 0)
			parked->ready = true;
}

void park_expire(struct router *router)
{
	uint64_t now_us = router->parked == NULL ? 0 : clock_monotonic_us();

	for (struct parked *parked = router->parked; parked != NULL; parked = parked->next)
		if (parked->deadline_us <= now_us)
			parked->ready = parked->expired = true;
}

bool park_is_ready(const struct router *router)
{
	for (const struct parked *parked = router->parked; parked != NULL; parked = parked->next)
		if (parked->ready && count_before(router->parked, parked, parked->sender) == 0)
			return true;
	return false;
}

size_t park_count(const struct router *router)
{
	size_t n = 0;

	for (const struct parked *parked = router->parked; parked != NULL; parked = parked->next)
		n++;
	return n;
}

void park_run(struct turn *turn, void (*run)(struct turn *turn, struct task *task),
	void (*refuse)(struct turn *turn, struct task *task, enum pubsub_error err))
{
	static const struct xml_limits none = {0}; /* it was judged when it came */
	struct router *router = turn->router;
	struct task task = {.run = run, .refuse = refuse};

	for (struct parked *parked = router->parked; parked != NULL && turn_has_room(turn);
		parked = parked->next) {
		if (!parked->ready || count_before(router->parked, parked, parked->sender) > 0)
			continue;
		if (!xml_document_parse(
			    &none, parked->bytes, parked->len, turn->arena, &task.stanza)) {
			log_error("router", "cannot parse a parked stanza again");
			parked->leaving = true;
			continue;
		}
		task.component = parked->component;
		task.charged = parked->charged;
		task.parked = parked;
		turn_do(turn, &task);
	}
}

/* Takes out of the list those that which() chooses. */
static void sweep(struct router *router, bool (*which)(const struct parked *, size_t), size_t arg)
{
	struct parked **link = &router->parked;

	while (*link != NULL) {
		struct parked *parked = *link;

		if (!which(parked, arg)) {
			link = &parked->next;
			continue;
		}
		*link = parked->next;
		router->parked_bytes -= PARK_EACH_BYTES + parked->len;
		parked_free(parked);
	}
}

static bool is_leaving(const struct parked *parked, size_t unused)
{
	(void)unused;
	return parked->leaving;
}

static bool is_of(const struct parked *parked, size_t component)
{
	return parked->component == component;
}

static bool is_any(const struct parked *parked, size_t unused)
{
	(void)parked;
	(void)unused;
	return true;
}

void park_link_lost(struct router *router, size_t component)
{
	sweep(router, is_of, component);
}

void park_destroy(struct router *router)
{
	sweep(router, is_any, 0);
}

void park_keep(struct turn *turn)
{
	sweep(turn->router, is_leaving, 0);
	append(&turn->router->parked, turn->parked);
	turn->parked = NULL;
}

void park_drop(struct turn *turn)
{
	struct parked *next;

	for (struct parked *parked = turn->parked; parked != NULL; parked = next) {
		next = parked->next;
		turn->router->parked_bytes -= PARK_EACH_BYTES + parked->len;
		parked_free(parked);
	}
	turn->parked = NULL;
	for (struct parked *parked = turn->router->parked; parked != NULL; parked = parked->next)
		parked->leaving = false;
}
