/* Announcements leave in slices between turns, as the link takes them. Those who are told are those
 * who were online at the beginning. */
#include "announce.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/id.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#define SLICE_BYTES (256 * 1024)

struct announcing {
	size_t component;
	struct buf users;   /* bare JIDs, a NUL behind each */
	struct buf content; /* of the messages, rendered */
	size_t at;          /* in users */
};

static void put_text(struct buf *out, const char *name, const char *text)
{
	struct xml_writer w = xml_writer(out);

	if (text != NULL)
		xml_leaf(&w, name, text);
}

bool announce_is_busy(const struct turn *turn)
{
	return turn->announcement != NULL || turn->router->announcing != NULL;
}

void announce_begin(struct turn *turn, const struct announcement *announcement)
{
	turn->announcement = announcement;
}

void announce_keep(struct turn *turn)
{
	const struct announcement *announcement = turn->announcement;
	struct router *router = turn->router;
	struct announcing *announcing;
	struct pubsub_texts users;

	announce_drop(turn);
	if (announcement == NULL)
		return;
	announcing = memory_alloc(sizeof *announcing);
	announcing->component = announcement->component;
	users = pep_online_users(router->pep, announcement->component, turn->arena);
	for (size_t i = 0; i < users.n; i++)
		buf_append(&announcing->users, users.v[i], strlen(users.v[i]) + 1);
	put_text(&announcing->content, "subject", announcement->subject);
	put_text(&announcing->content, "body", announcement->body);
	router->announcing = announcing;
}

void announce_drop(struct turn *turn)
{
	turn->announcement = NULL;
}

void announce_end(struct router *router)
{
	struct announcing *announcing = router->announcing;

	if (announcing == NULL)
		return;
	buf_finish(&announcing->users);
	buf_finish(&announcing->content);
	free(announcing);
	router->announcing = NULL;
}

void announce_link_lost(struct router *router, size_t component)
{
	if (router->announcing == NULL || router->announcing->component != component)
		return;
	log_warning("router", "an announcement is cut short: its link is lost");
	announce_end(router);
}

/* ---- sending ---- */

static void put_message(
	struct buf *out, const char *from, const char *to, const struct announcing *announcing)
{
	struct xml_writer w = xml_writer(out);
	char id[ID_SIGNED_SIZE];

	id_signed(to, id);
	xml_start(&w, "message");
	xml_put_attr(&w, "from", from);
	xml_put_attr(&w, "to", to);
	xml_put_attr(&w, "type", "headline"); /* of the moment: not to be kept for later */
	xml_put_attr(&w, "id", id);
	xml_put_raw(&w, announcing->content.data, announcing->content.len);
	xml_end(&w);
}

static void slice_run(struct turn *turn, struct task *task)
{
	struct announcing *announcing = turn->router->announcing;
	struct component *component = &turn->router->components[task->component];
	const char *from = component->opt->jid;

	while (announcing->at < announcing->users.len && component->out.len < SLICE_BYTES) {
		const char *to = announcing->users.data + announcing->at;

		put_message(&component->out, from, to, announcing);
		announcing->at += strlen(to) + 1;
	}
}

enum router_work announce_work(struct router *router)
{
	const struct announcing *announcing = router->announcing;
	struct task task = {.run = slice_run};

	if (announcing == NULL)
		return ROUTER_IDLE;
	if (turn_congested(router, announcing->component))
		return ROUTER_WAIT;
	task.component = announcing->component;
	turn_run(router, &task);
	if (announcing->at < announcing->users.len)
		return ROUTER_BUSY;
	announce_end(router);
	return ROUTER_IDLE;
}
