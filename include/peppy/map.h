/* map.h - a hash table from text to pointers, optionally bounded as a cache.
 * Floor 0. The hash is keyed (SipHash, random key), so that clients cannot provoke collisions. */
#ifndef PEPPY_MAP_H
#define PEPPY_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

typedef void (*map_free_fn)(void *value);

/* capacity 0: unbounded; else, when there are more, the entry found or put least recently goes.
 * free_value (may be NULL) is called for every value that leaves the map, except by map_take. */
struct map *map_create(size_t capacity, map_free_fn free_value);
void map_destroy(struct map *map); /* takes NULL */

void *map_find(struct map *map, const char *key); /* NULL: absent */

/* Copies the key, takes over the value (not NULL); the key's previous value is freed. */
void map_put(struct map *map, const char *key, void *value);
void map_del(struct map *map, const char *key);   /* no entry: nothing happens */
void *map_take(struct map *map, const char *key); /* removes without freeing; NULL: absent */
size_t map_count(const struct map *map);

/* Walks the map, most recently used first: a *cursor of NULL starts; false: the end. The entry just
 * returned may be deleted; nothing else may change meanwhile. */
bool map_next(struct map *map, void **cursor, const char **key_out, void **value_out);

#endif
