/* link.c - the contract of wire.h, and the states of a link. */
#include "wire/link.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#define TURN_BYTES (256 * 1024)
#define HIGH_WATER_BYTES (16 * 1024 * 1024)
#define LOGIN_TIMEOUT_MS 10000
#define RETRY_MS 1000
#define PING_MS 60000

/* High marks above which a server that does not read is given up; its own turns end before. */
#define DROWNED 4

/* Failures remembered as told; beyond that they are told again. */
#define TOLD_BYTES 4096

static enum link_event finish(struct wire_link *link);

static const struct timeval at_once = {0, 0};

struct transition {
	enum link_event (*action)(struct wire_link *link);
	enum link_state next; /* in force before the action runs */
};

/* clang-format off */
static const struct transition transitions[LINK_STATE_COUNT][LINK_EVENT_COUNT] = {
	[LINK_WAITING] = {
		[EVENT_TIMER]         = {login_resolve,         LINK_RESOLVING},
		[EVENT_CLOSE]         = {finish,                LINK_WAITING},
	},
	[LINK_RESOLVING] = {
		[EVENT_RESOLVED]      = {login_connect_next,    LINK_CONNECTING},
		[EVENT_TIMER]         = {login_resolve_expired, LINK_RESOLVING},
		[EVENT_FAILED]        = {link_wait,             LINK_WAITING},
		[EVENT_CLOSE]         = {finish,                LINK_RESOLVING},
	},
	[LINK_CONNECTING] = {
		[EVENT_WRITABLE]      = {login_connected,       LINK_SECURING},
		[EVENT_TIMER]         = {login_expired,         LINK_CONNECTING},
		[EVENT_FAILED]        = {login_connect_next,    LINK_CONNECTING},
		[EVENT_EXHAUSTED]     = {link_wait,             LINK_WAITING},
		[EVENT_CLOSE]         = {finish,                LINK_CONNECTING},
	},
	[LINK_SECURING] = {
		[EVENT_READABLE]      = {login_secure,          LINK_SECURING},
		[EVENT_WRITABLE]      = {login_secure,          LINK_SECURING},
		[EVENT_SECURED]       = {login_begin,           LINK_LOGIN},
		[EVENT_TIMER]         = {login_expired,         LINK_SECURING},
		[EVENT_FAILED]        = {login_connect_next,    LINK_CONNECTING},
		[EVENT_CLOSE]         = {finish,                LINK_SECURING},
	},
	[LINK_LOGIN] = {
		[EVENT_READABLE]      = {login_read,            LINK_LOGIN},
		[EVENT_WRITABLE]      = {link_flush,            LINK_LOGIN},
		[EVENT_AUTHENTICATED] = {stream_up,             LINK_UP},
		[EVENT_TIMER]         = {login_expired,         LINK_LOGIN},
		[EVENT_FAILED]        = {login_connect_next,    LINK_CONNECTING},
		[EVENT_CLOSE]         = {finish,                LINK_LOGIN},
	},
	[LINK_UP] = {
		[EVENT_READABLE]      = {stream_read,           LINK_UP},
		[EVENT_WRITABLE]      = {stream_writable,       LINK_UP},
		[EVENT_TURN]          = {stream_go_on,          LINK_UP},
		[EVENT_TIMER]         = {stream_beat,           LINK_UP},
		[EVENT_FAILED]        = {stream_down,           LINK_WAITING},
		[EVENT_CLOSE]         = {stream_close,          LINK_CLOSING},
	},
	[LINK_CLOSING] = {
		[EVENT_READABLE]      = {stream_close_read,     LINK_CLOSING},
		[EVENT_WRITABLE]      = {stream_close_write,    LINK_CLOSING},
		[EVENT_TIMER]         = {finish,                LINK_CLOSING},
		[EVENT_FAILED]        = {finish,                LINK_CLOSING},
	},
};
/* clang-format on */

/* The link may be gone when this returns. */
void link_fire(struct wire_link *link, enum link_event event)
{
	while (event != EVENT_NONE) {
		const struct transition *row = &transitions[link->state][event];

		if (row->action == NULL) {
			log_debug("wire", "%s: event %d in state %d", link->opt.component, event,
				link->state);
			return;
		}
		link->state = row->next;
		event = row->action(link);
	}
}

/* ---- events ---- */

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	link_fire(ctx, EVENT_TIMER);
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	link_fire(ctx, EVENT_TURN);
}

static void on_close(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	link_fire(ctx, EVENT_CLOSE);
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	link_fire(ctx, (what & EV_READ) != 0 ? EVENT_READABLE : EVENT_WRITABLE);
}

static struct event *new_event(
	struct wire_link *link, int fd, short what, event_callback_fn callback)
{
	struct event *event = event_new(link->base, fd, what, callback, link);

	if (event == NULL)
		abort();
	return event;
}

void link_timer(struct wire_link *link, unsigned ms)
{
	const struct timeval after = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	evtimer_add(link->timer, &after);
}

void link_watch(struct wire_link *link, int fd)
{
	link->readable = new_event(link, fd, EV_READ | EV_PERSIST, on_socket);
	link->writable = new_event(link, fd, EV_WRITE, on_socket);
}

void link_unwatch(struct wire_link *link)
{
	if (link->readable != NULL)
		event_free(link->readable);
	if (link->writable != NULL)
		event_free(link->writable);
	link->readable = NULL;
	link->writable = NULL;
}

/* ---- failures ---- */

static bool was_told(const struct buf *told, const char *text)
{
	for (size_t at = 0; at < told->len; at += strlen(told->data + at) + 1)
		if (strcmp(told->data + at, text) == 0)
			return true;
	return false;
}

enum link_event link_failed(struct wire_link *link, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (was_told(&link->told, text)) {
		log_debug("wire", "%s: %s", link->opt.component, text);
		return EVENT_FAILED;
	}
	log_warning("wire", "%s: %s", link->opt.component, text);
	if (link->told.len > TOLD_BYTES)
		buf_truncate(&link->told, 0);
	buf_append(&link->told, text, strlen(text) + 1);
	return EVENT_FAILED;
}

enum link_event link_stream_error(struct wire_link *link, const struct xml_element *error)
{
	const char *condition = "undefined-condition";
	const char *text = "";

	for (const struct xml_element *el = error->first; el != NULL; el = el->next) {
		if (strcmp(el->name, "text") == 0)
			text = el->text;
		else if (strcmp(el->ns, "urn:ietf:params:xml:ns:xmpp-streams") == 0)
			condition = el->name;
	}
	if (link->state == LINK_LOGIN && strcmp(condition, "not-authorized") == 0)
		return link_failed(
			link, "the server refused the secret of component %s", link->opt.component);
	return link_failed(
		link, "stream error <%s/>%s%s", condition, *text != '\0' ? ": " : "", text);
}

enum link_event link_lost(struct wire_link *link)
{
	return link_failed(link, "connection lost: %s", link->lost);
}

/* ---- common to several states ---- */

enum link_event link_flush(struct wire_link *link)
{
	const char *bytes;
	size_t len;

	while ((bytes = output_front(&link->output, &len)) != NULL) {
		ssize_t n = channel_write(&link->channel, bytes, len);

		if (n == CHANNEL_AGAIN) {
			event_add(link->writable, NULL);
			return EVENT_NONE;
		}
		if (n < 0) {
			if (link->lost == NULL)
				link->lost = channel_reason(&link->channel);
			return link_lost(link);
		}
		output_took(&link->output, (size_t)n);
	}
	return EVENT_NONE;
}

void link_drop(struct wire_link *link)
{
	link_unwatch(link);
	evtimer_del(link->timer);
	evtimer_del(link->turn);
	session_destroy(link->session);
	link->session = NULL;
	channel_close(&link->channel);
	xml_parser_destroy(link->parser);
	link->parser = NULL;
	link->lost = NULL;
	buf_finish(&link->header);
	output_clear(&link->output);
}

void link_drop_addresses(struct wire_link *link)
{
	if (link->addresses != NULL)
		evutil_freeaddrinfo(link->addresses);
	link->addresses = NULL;
	link->next_address = NULL;
}

enum link_event link_wait(struct wire_link *link)
{
	link_drop(link);
	link_drop_addresses(link);
	link_timer(link, backoff_next_ms(&link->backoff));
	return EVENT_NONE;
}

static enum link_event finish(struct wire_link *link)
{
	void (*done)(void *ctx) = link->done;
	void *done_ctx = link->done_ctx;

	wire_link_destroy(link);
	if (done != NULL)
		done(done_ctx);
	return EVENT_NONE;
}

/* ---- the contract ---- */

static void copy_options(struct wire_options *out, const struct wire_options *opt)
{
	*out = *opt;
	out->component = memory_strdup(opt->component);
	out->server = memory_strdup(opt->server);
	out->secret = memory_strdup(opt->secret);
	out->tls_ca_file = memory_strdup(opt->tls_ca_file);
	out->tls_certificate_file = memory_strdup(opt->tls_certificate_file);
	out->tls_key_file = memory_strdup(opt->tls_key_file);
	out->tls_name = memory_strdup(opt->tls_name != NULL ? opt->tls_name : opt->server);
	out->resolv_conf =
		memory_strdup(opt->resolv_conf != NULL ? opt->resolv_conf : "/etc/resolv.conf");
	if (out->turn_bytes == 0)
		out->turn_bytes = TURN_BYTES;
	if (out->high_water_bytes == 0)
		out->high_water_bytes = HIGH_WATER_BYTES;
	if (out->login_timeout_ms == 0)
		out->login_timeout_ms = LOGIN_TIMEOUT_MS;
	if (out->retry_ms == 0)
		out->retry_ms = RETRY_MS;
	if (out->ping_ms == 0)
		out->ping_ms = PING_MS;
}

static void free_options(struct wire_options *opt)
{
	free((char *)opt->component);
	free((char *)opt->server);
	free((char *)opt->secret);
	free((char *)opt->tls_ca_file);
	free((char *)opt->tls_certificate_file);
	free((char *)opt->tls_key_file);
	free((char *)opt->tls_name);
	free((char *)opt->resolv_conf);
}

struct wire_link *wire_link_create(struct event_base *base, const struct wire_options *opt,
	const struct wire_handlers *handlers)
{
	struct wire_link *link = memory_alloc(sizeof *link);

	link->base = base;
	link->handlers = *handlers;
	link->channel.fd = -1;
	copy_options(&link->opt, opt);
	link->backoff.step_ms = link->opt.retry_ms;
	link->timer = new_event(link, -1, 0, on_timer);
	link->turn = new_event(link, -1, 0, on_turn);
	link->close = new_event(link, -1, 0, on_close);
	link_wait(link);
	return link;
}

void wire_link_destroy(struct wire_link *link)
{
	if (link == NULL)
		return;
	resolver_cancel(link->resolver);
	link_drop(link);
	link_drop_addresses(link);
	output_clear(&link->kept);
	event_free(link->timer);
	event_free(link->turn);
	event_free(link->close);
	buf_finish(&link->told);
	free_options(&link->opt);
	free(link);
}

void wire_link_close(
	struct wire_link *link, unsigned timeout_ms, void (*done)(void *ctx), void *ctx)
{
	link->close_ms = timeout_ms;
	link->done = done;
	link->done_ctx = ctx;
	evtimer_add(link->close, &at_once);
}

static void keep_for_later(struct wire_link *link, const char *bytes, size_t len)
{
	if (link->kept.queued <= link->opt.high_water_bytes) {
		output_append(&link->kept, bytes, len, true);
		return;
	}
	if (!link->full)
		log_warning("wire", "%s: the link is down and %zu bytes wait: more are dropped",
			link->opt.component, link->kept.queued);
	link->full = true;
}

void wire_link_send(struct wire_link *link, const char *bytes, size_t len, bool keep)
{
	if (link->state != LINK_UP) {
		if (keep && link->state != LINK_CLOSING)
			keep_for_later(link, bytes, len);
		return;
	}
	output_append(&link->output, bytes, len, keep);
	if (link->in_turn)
		return; /* it ends with a write */
	event_add(link->writable, NULL);
	if (link->output.queued > DROWNED * link->opt.high_water_bytes && !link->drowned) {
		link->drowned = true;
		evtimer_add(link->turn, &at_once);
	}
}

bool wire_link_is_up(const struct wire_link *link)
{
	return link->state == LINK_UP;
}

size_t wire_link_queued(const struct wire_link *link)
{
	return link->output.queued + link->kept.queued;
}

uint64_t wire_link_sent(const struct wire_link *link)
{
	return link->output.taken + link->output.queued;
}

uint64_t wire_link_taken(const struct wire_link *link)
{
	uint64_t under_way = channel_unacknowledged(&link->channel);

	return link->output.taken > under_way ? link->output.taken - under_way : 0;
}
