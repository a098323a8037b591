/* top.c - two windows of thirty seconds: the one under way and the one before. */
#include "peppy/top.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/map.h"
#include "peppy/memory.h"

#define WINDOW_US UINT64_C(30000000)
#define KEYS_MAX 100
#define KEY_BYTES 8192 /* longer ones are nobody's that there is */

struct entry {
	char *key;
	size_t rank;
	uint64_t weight;    /* its own, and what it has inherited */
	uint64_t inherited; /* from the key whose place it took */
	uint64_t count, heaviest;
};

struct window {
	uint64_t started_us;
	struct map *entries;            /* by key */
	struct entry *ranked[KEYS_MAX]; /* the heaviest first */
	size_t n;
};

struct top {
	struct window now, before;
};

static void window_open(struct window *window, uint64_t now_us)
{
	*window = (struct window){.started_us = now_us, .entries = map_create(0, NULL)};
}

static void window_close(struct window *window)
{
	for (size_t i = 0; i < window->n; i++) {
		free(window->ranked[i]->key);
		free(window->ranked[i]);
	}
	map_destroy(window->entries);
}

struct top *top_create(void)
{
	struct top *top = memory_alloc(sizeof *top);

	window_open(&top->now, 0);
	window_open(&top->before, 0);
	return top;
}

void top_destroy(struct top *top)
{
	if (top == NULL)
		return;
	window_close(&top->now);
	window_close(&top->before);
	free(top);
}

/* ---- adding ---- */

static void go_on(struct top *top, uint64_t now_us)
{
	if (now_us - top->now.started_us < WINDOW_US)
		return;
	window_close(&top->before);
	top->before = top->now;
	window_open(&top->now, now_us);
	if (now_us - top->before.started_us >= 2 * WINDOW_US) {
		window_close(&top->before);
		window_open(&top->before, now_us);
	}
}

/* The lightest key gives way: whoever comes back often enough will stay. */
static struct entry *entry_replace(struct window *window)
{
	struct entry *entry = window->ranked[window->n - 1];

	map_del(window->entries, entry->key);
	free(entry->key);
	entry->inherited = entry->weight;
	entry->count = entry->heaviest = 0;
	return entry;
}

static struct entry *entry_add(struct window *window)
{
	struct entry *entry = memory_alloc(sizeof *entry);

	entry->rank = window->n;
	window->ranked[window->n++] = entry;
	return entry;
}

static struct entry *entry_of(struct window *window, const char *key)
{
	struct entry *entry = map_find(window->entries, key);

	if (entry != NULL)
		return entry;
	entry = window->n < KEYS_MAX ? entry_add(window) : entry_replace(window);
	entry->key = memory_strdup(key);
	map_put(window->entries, key, entry);
	return entry;
}

static void rise(struct window *window, struct entry *entry)
{
	while (entry->rank > 0 && window->ranked[entry->rank - 1]->weight < entry->weight) {
		struct entry *passed = window->ranked[entry->rank - 1];

		window->ranked[entry->rank] = passed;
		passed->rank = entry->rank--;
		window->ranked[entry->rank] = entry;
	}
}

void top_add(struct top *top, uint64_t now_us, const char *key, uint64_t weight)
{
	struct entry *entry;

	go_on(top, now_us);
	if (strlen(key) > KEY_BYTES)
		return;
	entry = entry_of(&top->now, key);
	entry->count++;
	entry->weight += weight > 0 ? weight : 1;
	if (weight > entry->heaviest)
		entry->heaviest = weight;
	rise(&top->now, entry);
}

/* ---- telling ---- */

static void add_up(struct top_key *sum, const struct entry *entry)
{
	sum->key = entry->key;
	sum->count += entry->count;
	sum->weight += entry->weight - entry->inherited;
	if (entry->heaviest > sum->heaviest)
		sum->heaviest = entry->heaviest;
}

static size_t collect(const struct top *top, bool before, struct top_key *out)
{
	size_t n = 0;

	for (size_t i = 0; i < top->now.n; i++) {
		const struct entry *entry = top->now.ranked[i];
		const struct entry *older =
			before ? map_find(top->before.entries, entry->key) : NULL;

		add_up(&out[n], entry);
		if (older != NULL)
			add_up(&out[n], older);
		n++;
	}
	for (size_t i = 0; before && i < top->before.n; i++)
		if (map_find(top->now.entries, top->before.ranked[i]->key) == NULL)
			add_up(&out[n++], top->before.ranked[i]);
	return n;
}

static int compare(const void *a, const void *b)
{
	const struct top_key *one = a, *other = b;

	if (one->weight != other->weight)
		return one->weight > other->weight ? -1 : 1;
	return strcmp(one->key, other->key);
}

size_t top_list(const struct top *top, uint64_t now_us, struct top_key *out, size_t max,
	uint64_t *since_us_out)
{
	struct top_key keys[2 * KEYS_MAX] = {{0}};
	bool before = now_us - top->now.started_us < WINDOW_US; /* else it is too long ago */
	size_t n = now_us - top->now.started_us < 2 * WINDOW_US ? collect(top, before, keys) : 0;

	qsort(keys, n, sizeof *keys, compare);
	if (n > max)
		n = max;
	memcpy(out, keys, n * sizeof *keys);
	*since_us_out = before ? top->before.started_us : top->now.started_us;
	if (*since_us_out + 2 * WINDOW_US < now_us)
		*since_us_out = now_us - 2 * WINDOW_US; /* nothing has been added for long */
	return n;
}
