/* map.c - chained buckets; every entry also stands in a ring, the most recently used first. */
#include "peppy/map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "peppy/hash.h"
#include "peppy/memory.h"

#define FIRST_BUCKETS 16 /* a power of two, as all later numbers */

struct ring {
	struct ring *prev;
	struct ring *next;
};

struct entry {
	struct ring ring; /* first, so that a ring's address is its entry's */
	struct entry *chain;
	void *value;
	uint32_t hash;
	char key[];
};

struct map {
	struct ring ring; /* the anchor: next is the entry last used, prev the one to go first */
	struct entry **buckets;
	size_t bucket_count;
	size_t count;
	size_t capacity;
	map_free_fn free_value;
	unsigned char key[SIPHASH_KEY_SIZE];
};

static void ring_unlink(struct ring *ring)
{
	ring->prev->next = ring->next;
	ring->next->prev = ring->prev;
}

static void ring_push(struct map *map, struct ring *ring)
{
	ring->prev = &map->ring;
	ring->next = map->ring.next;
	ring->next->prev = ring;
	map->ring.next = ring;
}

struct map *map_create(size_t capacity, map_free_fn free_value)
{
	struct map *map = memory_alloc(sizeof *map);

	map->ring.prev = map->ring.next = &map->ring;
	map->bucket_count = FIRST_BUCKETS;
	map->buckets = memory_alloc(FIRST_BUCKETS * sizeof(struct entry *));
	map->capacity = capacity;
	map->free_value = free_value;
	hash_random(map->key, sizeof map->key);
	return map;
}

/* The pointer that points to the entry, or the NULL at the end of its bucket. */
static struct entry **find_link(const struct map *map, const char *key, uint32_t hash)
{
	struct entry **link = &map->buckets[hash & (map->bucket_count - 1)];

	while (*link != NULL && ((*link)->hash != hash || strcmp((*link)->key, key) != 0))
		link = &(*link)->chain;
	return link;
}

static uint32_t hash_key(const struct map *map, const char *key)
{
	return (uint32_t)siphash(map->key, key, strlen(key));
}

static void release(const struct map *map, void *value)
{
	if (map->free_value != NULL)
		map->free_value(value);
}

void *map_take(struct map *map, const char *key)
{
	struct entry **link = find_link(map, key, hash_key(map, key));
	struct entry *entry = *link;
	void *value;

	if (entry == NULL)
		return NULL;
	*link = entry->chain;
	ring_unlink(&entry->ring);
	map->count--;
	value = entry->value;
	free(entry);
	return value;
}

void map_del(struct map *map, const char *key)
{
	void *value = map_take(map, key);

	if (value != NULL)
		release(map, value);
}

void map_destroy(struct map *map)
{
	if (map == NULL)
		return;
	while (map->count > 0)
		map_del(map, ((struct entry *)map->ring.next)->key);
	free(map->buckets);
	free(map);
}

void *map_find(struct map *map, const char *key)
{
	struct entry *entry = *find_link(map, key, hash_key(map, key));

	if (entry == NULL)
		return NULL;
	ring_unlink(&entry->ring);
	ring_push(map, &entry->ring);
	return entry->value;
}

static void grow(struct map *map)
{
	struct ring *ring;
	struct entry **link;

	free(map->buckets);
	map->bucket_count *= 2;
	map->buckets = memory_alloc(map->bucket_count * sizeof(struct entry *));
	for (ring = map->ring.next; ring != &map->ring; ring = ring->next) {
		struct entry *entry = (struct entry *)ring;

		link = &map->buckets[entry->hash & (map->bucket_count - 1)];
		entry->chain = *link;
		*link = entry;
	}
}

static void replace(struct map *map, struct entry *entry, void *value)
{
	void *former = entry->value;

	entry->value = value;
	ring_unlink(&entry->ring);
	ring_push(map, &entry->ring);
	if (former != value)
		release(map, former);
}

static void insert(struct map *map, const char *key, uint32_t hash, void *value)
{
	size_t len = strlen(key);
	struct entry *entry = memory_alloc(sizeof *entry + len + 1);
	struct entry **link;

	memcpy(entry->key, key, len + 1);
	entry->hash = hash;
	entry->value = value;
	if (map->count >= map->bucket_count)
		grow(map);
	link = &map->buckets[hash & (map->bucket_count - 1)];
	entry->chain = *link;
	*link = entry;
	ring_push(map, &entry->ring);
	map->count++;
}

void map_put(struct map *map, const char *key, void *value)
{
	uint32_t hash = hash_key(map, key);
	struct entry *entry = *find_link(map, key, hash);

	assert(value != NULL);
	if (entry != NULL) {
		replace(map, entry, value);
		return;
	}
	insert(map, key, hash, value);
	if (map->capacity > 0 && map->count > map->capacity)
		map_del(map, ((struct entry *)map->ring.prev)->key);
}

size_t map_count(const struct map *map)
{
	return map->count;
}

bool map_next(struct map *map, void **cursor, const char **key_out, void **value_out)
{
	struct ring *ring = *cursor != NULL ? *cursor : map->ring.next;
	struct entry *entry = (struct entry *)ring;

	if (ring == &map->ring)
		return false;
	*cursor = ring->next; /* so that this entry may go */
	*key_out = entry->key;
	*value_out = entry->value;
	return true;
}
