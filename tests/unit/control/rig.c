/* rig.c - what stands around src/control in its tests. */
#include "rig.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peppy/log.h"
#include "peppy/memory.h"
#include "peppy/top.h"

#define ROUNDS 2000

/* ---- the rules, without a router ---- */

static void defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)ctx, (void)node_id;
	*out = pubsub_node_config_default;
}

static bool has_list(void *ctx, const char *account)
{
	(void)ctx;
	(void)account;
	return false;
}

static enum contacts_answer no_contact(void *ctx, const char *account, const char *contact)
{
	(void)ctx, (void)account, (void)contact;
	return CONTACTS_NO;
}

static enum contacts_answer no_group(
	void *ctx, const char *account, const char *contact, struct pubsub_texts groups)
{
	(void)ctx, (void)account, (void)contact, (void)groups;
	return CONTACTS_NO;
}

static enum contacts_answer no_interest(void *ctx, const char *service, const char *node_id,
	struct arena *arena, struct contacts_interest **out, size_t *n_out)
{
	(void)ctx, (void)service, (void)node_id, (void)arena;
	*out = NULL;
	*n_out = 0;
	return CONTACTS_YES;
}

static bool is_available(void *ctx, struct jid jid)
{
	(void)ctx, (void)jid;
	return false;
}

static bool shows(void *ctx, struct jid jid, struct pubsub_texts states)
{
	return states.n > 0 && is_available(ctx, jid);
}

static const char *const kinds[PUBSUB_EVENT_COUNT] = {"publish", "retract", "purge", "delete",
	"configure", "subscription", "affiliation", "authorize"};

static void note_events(struct rig *rig, const struct pubsub_event *event)
{
	for (; event != NULL; event = event->next) {
		buf_printf(&rig->events, "%s %s >", kinds[event->kind], event->node_id);
		for (size_t i = 0; i < event->recipient_count; i++)
			buf_printf(&rig->events, " %s", event->recipients[i].jid);
		buf_append_text(&rig->events, "\n");
	}
}

static bool is_served(const char *service)
{
	const char *at = strchr(service, '@');

	return strcmp(service, RIG_HOST) == 0 || strcmp(service, "rooms.denmark.lit") == 0 ||
	       (at != NULL && strcmp(at, "@denmark.lit") == 0);
}

static enum pubsub_error run_turn(void *ctx, const struct control_turn *turn)
{
	struct rig *rig = ctx;
	const struct contacts contacts = {
		rig, has_list, no_contact, no_group, no_interest, is_available, shows};
	const struct service_profile profile = {
		.defaults = defaults,
		.create_nodes = SERVICE_CREATE_ADMINS,
		.admins = {&turn->as, 1},
		.account = strchr(turn->service, '@') != NULL,
		.auto_create = true,
		.collections = true,
		.max_items = 100,
		.max_payload_bytes = 1000,
		.answer_bytes = 20000,
		.fanout_max = 1000,
		.fanout_bytes = 1024 * 1024,
	};
	struct service service = {
		.profile = &profile, .contacts = &contacts, .now_us = RIG_NOW_US + rig->later_us};
	enum pubsub_error err;

	if (!is_served(turn->service))
		return PUBSUB_ERR_SERVICE_UNAVAILABLE;
	service.arena = arena_create();
	service.events_end = &service.events;
	assert_int_equal(store_begin(rig->store, turn->mode, &service.txn), PUBSUB_OK);
	err = turn->run(turn->ctx, &service);
	if (rig->store_error != PUBSUB_OK) {
		store_abort(service.txn);
		err = rig->store_error;
	} else {
		note_events(rig, service.events);
		assert_int_equal(store_commit(service.txn), PUBSUB_OK);
	}
	arena_destroy(service.arena);
	return err;
}

/* ---- the rest of the port ---- */

static bool describe_link(void *ctx, size_t nth, struct control_link *out)
{
	const struct rig *rig = ctx;

	if (nth > (rig->two_components ? 1 : 0))
		return false;
	*out = (struct control_link){
		.component = nth == 0 ? RIG_HOST : "rooms.denmark.lit",
		.server = "127.0.0.1",
		.port = 5347,
		.is_up = nth == 0,
		.connects = 1,
	};
	return true;
}

static const struct pep *find_pep(void *ctx)
{
	return ((struct rig *)ctx)->pep;
}

static bool reload(void *ctx)
{
	struct rig *rig = ctx;

	rig->reloads++;
	return !rig->reload_fails;
}

static void tell_tops(void *ctx, const struct top **nodes_out, const struct top **senders_out)
{
	const struct rig *rig = ctx;

	*nodes_out = rig->nodes;
	*senders_out = rig->senders;
}

static void put_metrics(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_append_text(out, "# TYPE rig gauge\nrig 1\n");
}

static enum pubsub_error erase(void *ctx, const char *bare)
{
	struct rig *rig = ctx;

	free(rig->erased_jid);
	rig->erased_jid = memory_strdup(bare);
	return rig->store_error;
}

static bool renew_contacts(void *ctx, const char *account)
{
	struct rig *rig = ctx;

	buf_printf(&rig->renewed, "%s\n", account);
	return !rig->lists_are_hidden;
}

static struct service_erased erased(void *ctx, const char *bare)
{
	const struct rig *rig = ctx;

	assert_string_equal(bare, rig->erased_jid);
	return rig->erased;
}

static void ask_nothing(void *ctx, const struct pep_question *question)
{
	(void)ctx, (void)question;
}

/* ---- up and down ---- */

void rig_open(struct rig *rig)
{
	const struct control_options opt = {
		.socket_path = rig->path,
		.store_path = rig->folder,
		.metrics_listen = rig->metrics_listen,
	};
	const struct control_port port = {
		.ctx = rig,
		.run_turn = run_turn,
		.link = describe_link,
		.pep = find_pep,
		.reload = reload,
		.metrics = put_metrics,
		.tops = tell_tops,
		.erase = erase,
		.erased = erased,
		.renew_contacts = renew_contacts,
	};

	rig->control = control_create(rig->base, &opt, &port);
}

void rig_close(struct rig *rig)
{
	control_destroy(rig->control);
	rig->control = NULL;
}

int rig_setup(void **state)
{
	static const char *const domains[] = {"denmark.lit"};
	static const struct pep_component component = {RIG_HOST, {domains, 1}};
	static const struct pep_port port = {.ask = ask_nothing};
	struct rig *rig = memory_alloc(sizeof *rig);

	*state = rig;
	signal(SIGPIPE, SIG_IGN);
	log_level_set(LOG_LEVEL_ERROR);
	strcpy(rig->folder, "/tmp/peppy-control-XXXXXX");
	if (mkdtemp(rig->folder) == NULL || store_open_mem(&rig->store) != PUBSUB_OK)
		return -1;
	snprintf(rig->path, sizeof rig->path, "%s/socket", rig->folder);
	rig->arena = arena_create();
	rig->base = event_base_new();
	rig->nodes = top_create();
	rig->senders = top_create();
	rig->pep = pep_create(&component, 1, &port);
	rig_open(rig);
	rig->fd = rig_connect(rig);
	return rig->control == NULL || rig->fd < 0 ? -1 : 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (rig->fd >= 0)
		close(rig->fd);
	rig_close(rig);
	pep_destroy(rig->pep);
	store_close(rig->store);
	event_base_free(rig->base);
	top_destroy(rig->nodes);
	top_destroy(rig->senders);
	buf_finish(&rig->received);
	buf_finish(&rig->events);
	free(rig->erased_jid);
	buf_finish(&rig->renewed);
	arena_destroy(rig->arena);
	unlink(rig->path);
	rmdir(rig->folder);
	free(rig);
	return 0;
}

/* ---- a client ---- */

int rig_connect(struct rig *rig)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, rig->path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		return -1;
	}
	rig_run(rig);
	return fd;
}

void rig_run(struct rig *rig)
{
	event_base_loop(rig->base, EVLOOP_NONBLOCK);
}

void rig_send(struct rig *rig, int fd, const char *bytes, size_t len)
{
	int rounds = 0;

	while (len > 0 && rounds++ < ROUNDS) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EPIPE)
			return; /* it was closed from the other side */
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
		rig_run(rig);
	}
}

static const char *take_line(struct rig *rig)
{
	const char *end = memchr(rig->received.data, '\n', rig->received.len);
	char *line;

	if (end == NULL)
		return NULL;
	line = arena_memdup(rig->arena, rig->received.data, (size_t)(end - rig->received.data));
	buf_drop(&rig->received, strlen(line) + 1);
	return line;
}

const char *rig_line(struct rig *rig)
{
	for (int rounds = 0; rounds < ROUNDS; rounds++) {
		const char *line = rig->received.len == 0 ? NULL : take_line(rig);
		ssize_t n;

		if (line != NULL)
			return line;
		rig_run(rig);
		n = read(rig->fd, buf_reserve(&rig->received, 65536), 65536);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return NULL;
		if (n > 0)
			rig->received.len += (size_t)n;
	}
	fail_msg("no answer");
	return NULL;
}

static char *requote(struct rig *rig, const char *text, char from, char to)
{
	char *copy = arena_strdup(rig->arena, text);

	for (char *at = copy; *at != '\0'; at++)
		if (*at == from)
			*at = to;
	return copy;
}

const char *rig_ask(struct rig *rig, const char *request)
{
	const char *line = requote(rig, arena_printf(rig->arena, "%s\n", request), '\'', '"');
	const char *answer;

	rig_send(rig, rig->fd, line, strlen(line));
	answer = rig_line(rig);
	assert_non_null(answer);
	return requote(rig, answer, '"', '\'');
}

const char *rig_events(struct rig *rig)
{
	const char *text = arena_memdup(rig->arena, rig->events.data, rig->events.len);

	buf_finish(&rig->events);
	return text;
}
