/* stream.c - turns, output and the end of a stream that is up. */
#include <assert.h>

#include "peppy/log.h"
#include "wire/keep.h"
#include "wire/link.h"

#define STREAM_END "</stream:stream>"

static const struct timeval at_once = {0, 0};

static bool above_high_mark(const struct wire_link *link)
{
	return link->output.queued > link->opt.high_water_bytes;
}

enum link_event stream_up(struct wire_link *link)
{
	session_destroy(link->session);
	link->session = NULL;
	xml_parser_release(link->parser); /* the server's <handshake/> */
	buf_finish(&link->header);
	buf_truncate(&link->told, 0);
	link_drop_addresses(link);
	link->parsed = false;
	link->more = true;
	link->held = false;
	link->drowned = false;
	link->ended = false;
	link->full = false;
	link->lost = NULL;
	link->beaten = false;
	keep_resume(&link->kept, &link->output);
	if (link->output.queued > 0)
		event_add(link->writable, NULL);
	link_timer(link, link->opt.retry_ms);
	evtimer_add(link->turn, &at_once); /* stanzas may have come along with the login */
	log_info("wire", "%s: up, at %s port %u", link->opt.component, link->address,
		link->opt.port);
	link->handlers.on_up(link->handlers.ctx, link);
	return EVENT_NONE;
}

/* ---- output ---- */

static enum link_event write_output(struct wire_link *link)
{
	bool was_above = above_high_mark(link);
	enum link_event event = link_flush(link);

	if (event != EVENT_NONE)
		return event;
	if (was_above && !above_high_mark(link)) {
		if (link->held)
			evtimer_add(link->turn, &at_once);
		link->held = false;
		if (link->handlers.on_drained != NULL)
			link->handlers.on_drained(link->handlers.ctx, link);
	}
	return EVENT_NONE;
}

/* ---- turns ---- */

/* What makes the next turn start. */
static void expect_input(struct wire_link *link)
{
	if (link->drowned) {
		evtimer_add(link->turn, &at_once);
	} else if (above_high_mark(link)) {
		link->held = true;
		event_del(link->readable);
		evtimer_del(link->turn);
	} else if (!link->parsed || link->more) {
		event_del(link->readable);
		evtimer_add(link->turn, &at_once);
	} else {
		event_add(link->readable, NULL);
	}
}

static enum link_event run_turn(struct wire_link *link)
{
	enum link_event event;

	if (!above_high_mark(link)) {
		link->parsed = false;
		link->in_turn = true;
		link->handlers.on_turn(link->handlers.ctx, link);
		link->in_turn = false;
		xml_parser_release(link->parser);
		event = write_output(link);
		if (event != EVENT_NONE)
			return event;
		if (link->ended)
			return EVENT_FAILED;
		if (link->lost != NULL && link->parsed)
			return link_lost(link);
	}
	expect_input(link);
	return EVENT_NONE;
}

/* Reads a turn's worth, in as few calls as the kernel or TLS allow. */
static size_t fill_parser(struct wire_link *link)
{
	size_t most = link->opt.turn_bytes;
	size_t got = 0;
	ssize_t n = CHANNEL_AGAIN;

	while (got < most) {
		n = channel_read(
			&link->channel, xml_parser_space(link->parser, most - got), most - got);
		if (n <= 0)
			break;
		xml_parser_filled(link->parser, (size_t)n);
		got += (size_t)n;
	}
	link->more = got == most;
	link->read_waits = n == CHANNEL_AGAIN && channel_read_waits_for_write(&link->channel);
	if (link->read_waits)
		event_add(link->writable, NULL);
	if (n == CHANNEL_END)
		link->lost = "closed by the server";
	else if (n == CHANNEL_LOST)
		link->lost = channel_reason(&link->channel);
	return got;
}

enum link_event stream_read(struct wire_link *link)
{
	if (!above_high_mark(link) && fill_parser(link) > 0)
		return run_turn(link);
	if (link->lost != NULL)
		return link_lost(link);
	expect_input(link);
	return EVENT_NONE;
}

enum link_event stream_writable(struct wire_link *link)
{
	enum link_event event = write_output(link);

	if (event != EVENT_NONE || !link->read_waits || link->held || !link->parsed)
		return event;
	return stream_read(link);
}

enum link_event stream_go_on(struct wire_link *link)
{
	if (link->drowned)
		return link_failed(link, "the server does not read: the stream is given up");
	return link->parsed ? stream_read(link) : run_turn(link);
}

/* The last stanza of the stream was taken; the turn goes on to its end without more. */
static bool end_stream(struct wire_link *link)
{
	link->ended = true;
	link->parsed = true;
	return false;
}

bool wire_link_next(struct wire_link *link, struct xml_stanza *out)
{
	assert(link->in_turn);
	if (link->parsed)
		return false;
	switch (xml_parser_next(link->parser, out)) {
	case XML_STANZA:
		if (!xml_is(out->root, WIRE_NS_STREAM, "error"))
			return true;
		link_stream_error(link, out->root);
		return end_stream(link);
	case XML_CLOSED:
		link_failed(link, "the server closed the stream");
		return end_stream(link);
	case XML_BROKEN:
		link_failed(
			link, "the server's XML is broken: %s", xml_parser_reason(link->parser));
		return end_stream(link);
	default:
		link->parsed = true;
		return false;
	}
}

/* ---- keeping it and ending it ---- */

/* The first beat comes when the stream has held for a while: what went before is forgotten. Later
 * ones find out whether anything was said since the one before. */
enum link_event stream_beat(struct wire_link *link)
{
	bool silent = link->beaten && link->output.taken == link->taken_at_beat;

	backoff_reset(&link->backoff);
	if (silent && link->output.queued == 0)
		wire_link_send(link, " ", 1, false);
	link->beaten = true;
	link->taken_at_beat = link->output.taken;
	link_timer(link, link->opt.ping_ms / 2);
	return EVENT_NONE;
}

enum link_event stream_down(struct wire_link *link)
{
	size_t left_out = keep_lost(&link->output, &link->kept, link->opt.high_water_bytes);
	uint64_t taken = wire_link_taken(link);

	link_drop(link);
	link->output.taken = taken; /* what was under way will not arrive */
	if (left_out > 0)
		log_warning("wire", "%s: %zu bytes of notifications are lost with the stream",
			link->opt.component, left_out);
	link->handlers.on_down(link->handlers.ctx, link);
	return link_wait(link);
}

enum link_event stream_close(struct wire_link *link)
{
	output_append(&link->output, STREAM_END, sizeof STREAM_END - 1, false);
	evtimer_del(link->turn);
	event_add(link->readable, NULL);
	link_timer(link, link->close_ms);
	return stream_close_write(link);
}

enum link_event stream_close_write(struct wire_link *link)
{
	enum link_event event = link_flush(link);

	if (event == EVENT_NONE && link->output.queued == 0)
		channel_end(&link->channel);
	return event;
}

/* Input is thrown away until the server ends: closing with unread input would reset the connection
 * and could take with it what the server has not read yet. */
enum link_event stream_close_read(struct wire_link *link)
{
	char chunk[16 * 1024];
	ssize_t n;

	do
		n = channel_read(&link->channel, chunk, sizeof chunk);
	while (n > 0);
	return n == CHANNEL_AGAIN ? EVENT_NONE : EVENT_FAILED;
}
