/* map.h - a hash table from text to pointers, optionally bounded as a cache.
 * Floor 0. Keyed hash (SipHash with a random key), so that clients cannot choose collisions. */
#ifndef PEPPY_MAP_H
#define PEPPY_MAP_H

#include <stddef.h>

struct map;

typedef void (*map_free_fn)(void *value);

/* capacity 0: unbounded; else the entry least recently got or put goes first when there are more.
 * free_value (may be NULL) is called for every value that leaves the map, but for map_take. */
struct map *map_create(size_t capacity, map_free_fn free_value);
void map_destroy(struct map *map); /* takes NULL */

void *map_find(struct map *map, const char *key); /* NULL: absent */

/* Copies the key, owns the value (never NULL); the former value of the key is freed. */
void map_put(struct map *map, const char *key, void *value);
void map_del(struct map *map, const char *key);   /* no entry: nothing happens */
void *map_take(struct map *map, const char *key); /* removes without freeing; NULL: absent */
size_t map_count(const struct map *map);

/* Walks the map, most recently used first: *cursor NULL starts; false at the end. The entry just
 * returned may be deleted, nothing else may change while walking. */
int map_next(struct map *map, void **cursor, const char **key_out, void **value_out);

#endif
