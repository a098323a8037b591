/* The last requests, numbered, so that those who watch can go on where they were. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/memory.h"

#include "fields.h"
#include "state.h"

#define RING 4096

struct entry {
	uint64_t at_us; /* wall clock */
	struct pubsub_activity activity;
	struct buf texts; /* of activity; kept for the next one in this place */
};

struct ring {
	uint64_t next; /* number of the next one; 1 is the first */
	struct entry entries[RING];
};

struct ring *ring_create(void)
{
	struct ring *ring = memory_alloc(sizeof *ring);

	ring->next = 1;
	return ring;
}

void ring_destroy(struct ring *ring)
{
	for (size_t i = 0; ring != NULL && i < RING; i++)
		buf_finish(&ring->entries[i].texts);
	free(ring);
}

/* Where the copy will stand is known when all of them have been appended. */
static size_t keep(struct entry *entry, const char *text)
{
	size_t at = entry->texts.len;

	if (text != NULL)
		buf_append(&entry->texts, text, strlen(text) + 1);
	return at;
}

static void copy(struct entry *entry, const struct pubsub_activity *activity)
{
	struct pubsub_activity *own = &entry->activity;
	size_t service, from, node_id, item_id;

	entry->texts.len = 0;
	service = keep(entry, activity->service);
	from = keep(entry, activity->from);
	node_id = keep(entry, activity->node_id);
	item_id = keep(entry, activity->item_id);
	*own = *activity;
	own->service = entry->texts.data + service;
	own->from = entry->texts.data + from;
	own->node_id = activity->node_id == NULL ? NULL : entry->texts.data + node_id;
	own->item_id = activity->item_id == NULL ? NULL : entry->texts.data + item_id;
}

void control_activity(struct control *control, const struct pubsub_activity *activity)
{
	struct entry *entry;

	if (control == NULL)
		return;
	entry = &control->ring->entries[control->ring->next++ % RING];
	entry->at_us = clock_wall_us();
	copy(entry, activity);
}

static json_t *entry_json(uint64_t number, const struct entry *entry)
{
	const struct pubsub_activity *a = &entry->activity;

	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:I, s:b}", "number",
		(json_int_t)number, "at", stamp_to_json(entry->at_us), "verb", a->verb, "from",
		a->from, "service", a->service, "node", a->node_id, "item", a->item_id, "error",
		a->err == PUBSUB_OK ? NULL : error_text(a->err), "recipients",
		(json_int_t)a->recipients, "more", a->deferred);
}

/* "next" is where to go on; "missed", how many came in between and are not kept any more. Without
 * "after" the answer only says where to go on. */
COMMAND(activity_list)
{
	const struct ring *ring = call->control->ring;
	const uint64_t oldest = ring->next > RING ? ring->next - RING : 1;
	uint64_t first = call_number(call, "after", ring->next - 1) + 1, number;
	uint64_t missed = first < oldest ? oldest - first : 0;
	json_t *list = json_array();

	(void)service;
	first += missed;
	for (number = first; number < ring->next && number - first < call_limit(call); number++)
		json_array_append_new(list, entry_json(number, &ring->entries[number % RING]));
	call_answer(call, json_pack("{s:o, s:I, s:I}", "activity", list, "next",
				  (json_int_t)(number < ring->next ? number : ring->next) - 1,
				  "missed", (json_int_t)missed));
	return PUBSUB_OK;
}
