/* job_record.c - a fan-out as the store keeps it: a line of what the event is, a line with its
 * replyto, of a deletion the node, the text for those who want a message body, what all of them
 * get. In the first line stand five numbers, of which the last is the length of that text, the
 * length of the node, "+LENGTH", in older stores its access model instead, and, "no depth seq", the
 * collections above it: none in the oldest. */
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "peppy/number.h"

/* ---- a node that was deleted: its creator and what it was configured to that is not the default,
 * with a NUL behind each text. Who may hear of its end goes by that. ---- */

static void put(struct buf *out, const char *text)
{
	buf_append(out, text != NULL ? text : "", text != NULL ? strlen(text) + 1 : 1);
}

/* A field: its name, how many values it has, these. */
static void node_render(struct buf *out, const struct pubsub_node *node, struct arena *arena)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;

	put(out, node->creator);
	for (size_t i = 0; i < type->n; i++) {
		const struct pubsub_field *field = &type->v[i];
		struct pubsub_texts values;

		if (pubsub_field_equal(field, &node->config, &pubsub_node_config_default))
			continue;
		values = pubsub_field_values(field, &node->config, arena);
		put(out, field->var);
		put(out, arena_printf(arena, "%zu", values.n));
		for (size_t v = 0; v < values.n; v++)
			put(out, values.v[v]);
	}
}

struct reader {
	const char *at, *end;
};

/* "" at the end. */
static const char *take(struct reader *reader)
{
	const char *text = reader->at, *nul = memchr(text, '\0', (size_t)(reader->end - text));

	if (nul == NULL)
		return "";
	reader->at = nul + 1;
	return text;
}

static struct pubsub_texts take_values(struct reader *reader, struct arena *arena)
{
	struct pubsub_texts values = {0};
	uint32_t n = 0;
	const char **v;

	if (!number_parse(take(reader), (uint32_t)(reader->end - reader->at), &n))
		return values;
	v = arena_alloc(arena, n * sizeof *v);
	for (; values.n < n; values.n++)
		v[values.n] = take(reader);
	values.v = v;
	return values;
}

static bool node_parse(const char *record, size_t len, struct arena *arena, struct pubsub_node *out)
{
	const char *copy = arena_memdup(arena, record, len);
	struct reader reader = {copy, copy + len};
	bool good = true;

	out->creator = len > 0 ? take(&reader) : NULL;
	while (good && reader.at < reader.end) {
		const struct pubsub_field *field =
			pubsub_field_find(&pubsub_node_config_type, take(&reader));
		const struct pubsub_texts values = take_values(&reader, arena);

		good = field != NULL && pubsub_field_set(field, values, arena, &out->config);
	}
	return good;
}

/* ---- all of it ---- */

void job_data_render(struct buf *out, const struct pubsub_event *event)
{
	struct arena *arena = arena_create();
	const char *text = codec_event_body(event, arena);
	struct buf gone = {0};

	buf_printf(out, "%d %d %u %u %zu", (int)event->kind, (int)event->type, event->sid,
		event->no, text == NULL ? 0 : strlen(text));
	if (event->gone != NULL)
		node_render(&gone, event->gone, arena);
	buf_printf(out, " +%zu", gone.len);
	for (size_t i = 0; i < event->above_count; i++)
		buf_printf(out, " %" PRIu32 " %" PRIu32 " %" PRIu64, event->above[i].no,
			event->above[i].depth, event->above[i].seq);
	buf_printf(out, "\n%s\n", event->replyto == NULL ? "" : event->replyto);
	buf_append(out, gone.data, gone.len);
	if (text != NULL)
		buf_append_text(out, text);
	outbox_body_render(out, event);
	buf_finish(&gone);
	arena_destroy(arena);
}

static void above_parse(struct job *job, const char *at, const char *end)
{
	const size_t most = (size_t)(end - at) / strlen(" 1 1 1") + 1;
	struct pubsub_ancestor *v = arena_alloc(job->arena, most * sizeof *v);
	struct pubsub_event *event = &job->event;
	int taken = 0;

	event->above = v;
	event->above_count = 0;
	for (; event->above_count < most; at += taken) {
		struct pubsub_ancestor *above = &v[event->above_count];

		if (sscanf(at, "%" SCNu32 " %" SCNu32 " %" SCNu64 "%n", &above->no, &above->depth,
			    &above->seq, &taken) != 3)
			break;
		event->above_count++;
	}
}

/* What stands behind the five numbers, to the end of the line. */
static size_t rest_parse(struct job *job, const char *line, struct pubsub_node *gone)
{
	const size_t len = strcspn(line, "\n");
	const char *copy = arena_memdup(job->arena, line, len);
	unsigned model = 0;
	size_t gone_len = 0;
	int taken = 0;

	if (sscanf(copy, " +%zu%n", &gone_len, &taken) != 1 &&
		sscanf(copy, "%u%n", &model, &taken) == 1 && model < PUBSUB_ACCESS_COUNT)
		gone->config.access_model = (enum pubsub_access_model)model;
	above_parse(job, copy + taken, copy + len);
	return gone_len;
}

static struct pubsub_node *node_of(const struct job *job)
{
	struct pubsub_node *node = arena_alloc(job->arena, sizeof *node);

	*node = (struct pubsub_node){
		.service = job->event.service,
		.node_id = job->event.node_id,
		.config = pubsub_node_config_default,
		.sid = job->event.sid,
		.no = job->event.no,
	};
	return node;
}

bool job_data_parse(struct job *job)
{
	const char *data = job->stored.data;
	const char *replyto = strchr(data, '\n');
	const char *body = replyto == NULL ? NULL : strchr(++replyto, '\n');
	struct pubsub_event *event = &job->event;
	struct pubsub_node *gone;
	unsigned kind, type;
	size_t text_len, gone_len, left;
	int taken = 0;

	if (body == NULL ||
		sscanf(data, "%u %u %u %u %zu%n", &kind, &type, &event->sid, &event->no, &text_len,
			&taken) != 5 ||
		kind >= PUBSUB_EVENT_COUNT || type >= PUBSUB_NOTIFICATION_COUNT)
		return false;
	event->kind = (enum pubsub_event_kind)kind;
	event->type = (enum pubsub_notification_type)type;
	event->service = job->stored.service;
	event->node_id = job->stored.node_id;
	event->seq = job->stored.seq;
	if (body > replyto)
		event->replyto = arena_memdup(job->arena, replyto, (size_t)(body - replyto));
	left = job->stored.data_len - (size_t)(++body - data);
	gone = node_of(job);
	gone_len = rest_parse(job, data + taken, gone);
	if (gone_len > left || text_len > left - gone_len ||
		!node_parse(body, gone_len, job->arena, gone))
		return false;
	event->gone = event->kind == PUBSUB_EVENT_DELETE ? gone : NULL;
	if (text_len > 0)
		event->body = arena_memdup(job->arena, body + gone_len, text_len);
	job->body = body + gone_len + text_len;
	job->body_len = left - gone_len - text_len;
	return true;
}
