#include "backlog.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

struct waiting {
	size_t bytes;
	char domain[];
};

/* One stanza. */
struct run {
	uint64_t end; /* a position of the link; of the turn under way: of its output */
	size_t bytes;
	struct waiting *to;
};

struct backlog {
	struct arena *arena; /* of the turn */
	bool behind;
	struct map *domains; /* domain -> struct waiting, of those that runs go to */
	struct run *runs;    /* the oldest first */
	size_t n, cap;
	size_t kept; /* of them, before the turn under way */
};

void backlogs_open(struct router *router)
{
	for (size_t i = 0; i < router->opt.component_count; i++) {
		struct backlog *backlog = memory_alloc(sizeof *backlog);

		backlog->arena = router->arena;
		backlog->domains = map_create(0, free);
		router->components[i].backlog = backlog;
	}
}

void backlogs_close(struct router *router)
{
	for (size_t i = 0; i < router->opt.component_count; i++) {
		struct backlog *backlog = router->components[i].backlog;

		map_destroy(backlog->domains);
		free(backlog->runs);
		free(backlog);
	}
}

static void settle(struct backlog *backlog, const struct run *run)
{
	run->to->bytes -= run->bytes;
	if (run->to->bytes == 0)
		map_del(backlog->domains, run->to->domain);
}

static void settle_until(struct backlog *backlog, uint64_t taken)
{
	size_t n = 0;

	for (; n < backlog->n && backlog->runs[n].end <= taken; n++)
		settle(backlog, &backlog->runs[n]);
	if (n == 0)
		return;
	backlog->n -= n;
	backlog->kept = backlog->n;
	if (backlog->n > 0) {
		memmove(backlog->runs, backlog->runs + n, backlog->n * sizeof *backlog->runs);
		return;
	}
	free(backlog->runs);
	backlog->runs = NULL;
	backlog->cap = 0;
}

void backlogs_begin(struct router *router)
{
	for (size_t i = 0; i < router->opt.component_count; i++) {
		const struct component *component = &router->components[i];
		struct backlog *backlog = component->backlog;

		if (backlog->n > 0)
			settle_until(backlog, router->opt.taken(router->opt.ctx, i));
		backlog->behind = router->opt.max_domain_output > 0 && component->up &&
				  turn_congested(router, i);
	}
}

static struct waiting *waiting_for(struct backlog *backlog, const char *domain)
{
	struct waiting *to = map_find(backlog->domains, domain);

	if (to != NULL)
		return to;
	to = memory_alloc(sizeof *to + strlen(domain) + 1);
	strcpy(to->domain, domain);
	map_put(backlog->domains, domain, to);
	return to;
}

void backlog_add(struct component *component, const char *text, size_t bytes)
{
	struct backlog *backlog = component->backlog;
	struct run *run;
	struct jid jid;

	if (!backlog->behind)
		return;
	jid_take(text, backlog->arena, &jid);
	if (pubsub_texts_have(component->opt->domains, jid.domain))
		return;
	if (backlog->n == backlog->cap) {
		backlog->cap = backlog->cap > 0 ? 2 * backlog->cap : 64;
		backlog->runs = memory_resize(backlog->runs, backlog->cap * sizeof *backlog->runs);
	}
	run = &backlog->runs[backlog->n++];
	*run = (struct run){component->out.len, bytes, waiting_for(backlog, jid.domain)};
	run->to->bytes += bytes;
}

size_t backlog_of(const struct component *component, const char *domain)
{
	const struct waiting *to = map_find(component->backlog->domains, domain);

	return to == NULL ? 0 : to->bytes;
}

void backlog_keep(const struct router *router, size_t component)
{
	struct backlog *backlog = router->components[component].backlog;
	uint64_t start = 0;

	if (backlog->kept < backlog->n)
		start = router->opt.sent(router->opt.ctx, component);
	for (; backlog->kept < backlog->n; backlog->kept++)
		backlog->runs[backlog->kept].end += start;
}

void backlog_drop(struct component *component)
{
	struct backlog *backlog = component->backlog;

	while (backlog->n > backlog->kept)
		settle(backlog, &backlog->runs[--backlog->n]);
}

/* Answers are gone with it; notifications that are kept go first on the next stream. */
void backlog_link_lost(struct component *component)
{
	struct backlog *backlog = component->backlog;

	backlog->kept = 0;
	backlog_drop(component);
	backlog->behind = false;
}
