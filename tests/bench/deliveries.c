#include "deliveries.h"

#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "peppy/memory.h"
#include "stanzas.h"

struct delivery {
	uint64_t first, arrived;
	uint64_t published_ns; /* 0: not yet */
	struct buf body; /* what stands behind the first start tag that came; all are the same */
};

void deliveries_begin(struct deliveries *due)
{
	due->of = memory_alloc(due->events * sizeof *due->of);
	due->seen = memory_alloc((due->events * due->recipients + 63) / 64 * sizeof *due->seen);
}

void deliveries_end(struct deliveries *due)
{
	for (uint64_t i = 0; due->of != NULL && i < due->events; i++)
		buf_finish(&due->of[i].body);
	free(due->of);
	free(due->seen);
	due->of = NULL;
	due->seen = NULL;
}

void deliveries_publish(struct deliveries *due, uint64_t event, uint64_t first, uint64_t now_ns)
{
	due->of[event].first = first;
	due->of[event].published_ns = now_ns;
}

static _Noreturn void refuse(const char *why, const struct stanza *message)
{
	fault("a notification %s: %.*s", why, (int)message->bytes.len, message->bytes.at);
}

static void expect_payload(
	const struct deliveries *due, uint64_t event, const struct stanza *message)
{
	struct buf payload = {0};
	const char *found;

	stanza_payload(&payload, event, due->payload_bytes);
	found = memmem(message->bytes.at, message->bytes.len, payload.data, payload.len);
	buf_finish(&payload);
	if (found == NULL)
		refuse("without the payload that was published", message);
}

static void expect_body(
	struct deliveries *due, uint64_t event, const struct stanza *message, struct slice tag)
{
	const char *body = tag.at + tag.len;
	size_t len = (size_t)(message->bytes.at + message->bytes.len - body);
	struct buf *first = &due->of[event].body;

	if (first->len == 0) {
		expect_payload(due, event, message);
		buf_append(first, body, len);
	} else if (first->len != len || memcmp(first->data, body, len) != 0) {
		refuse("unlike that of others", message);
	}
}

static void mark(
	struct deliveries *due, uint64_t event, uint64_t user, const struct stanza *message)
{
	const struct delivery *delivery = &due->of[event];
	uint64_t bit = event * due->recipients + user - delivery->first;

	if (user < delivery->first || user - delivery->first >= due->recipients)
		refuse("to somebody who has not subscribed", message);
	if ((due->seen[bit / 64] & (UINT64_C(1) << bit % 64)) != 0)
		refuse("twice", message);
	due->seen[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void count(struct deliveries *due, struct delivery *delivery, uint64_t now_ns)
{
	uint64_t took = now_ns > delivery->published_ns ? now_ns - delivery->published_ns : 0;

	histogram_add(&due->latency, took);
	due->arrived++;
	if (++delivery->arrived < due->recipients)
		return;
	histogram_add(&due->last, took);
	due->complete++;
	buf_finish(&delivery->body);
}

void deliveries_take(struct deliveries *due, const struct stanza *message, uint64_t now_ns)
{
	struct slice inside = {
		message->bytes.at + message->tag.len, message->bytes.len - message->tag.len};
	struct slice tag = message->tag, to;
	uint64_t event, user;

	if (scan_begins(inside, "<privilege"))
		tag = scan_tag(inside, "message");
	to = scan_attr(tag, "to");
	if (to.at == NULL || !scan_number(to, "u", &user))
		refuse("to nobody known", message);
	if (!scan_number(scan_attr(scan_tag(inside, "item"), "id"), "i", &event) ||
		event >= due->events || due->of[event].published_ns == 0)
		refuse("of nothing that was published", message);
	mark(due, event, user, message);
	expect_body(due, event, message, tag);
	due->bytes = message->bytes.len;
	count(due, &due->of[event], now_ns);
}

bool deliveries_is_done(const struct deliveries *due)
{
	return due->complete == due->events;
}
