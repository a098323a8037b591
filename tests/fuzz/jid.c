/* The law of JIDs: a prepared JID prepares to itself, whole, bare and copied, and fits its
 * limits. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "peppy/jid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_same_parts(const char *a, const char *b)
{
	assert((a == NULL) == (b == NULL));
	assert(a == NULL || strcmp(a, b) == 0);
}

static void assert_same(struct jid a, struct jid b)
{
	assert(jid_equal(a, b) && jid_equal_bare(a, b));
	assert_same_parts(a.local, b.local);
	assert_same_parts(a.domain, b.domain);
	assert_same_parts(a.resource, b.resource);
}

static void assert_fits(const char *part)
{
	assert(part == NULL || (part[0] != '\0' && strlen(part) <= JID_PART_MAX));
}

static void assert_stays(struct jid jid, struct arena *arena)
{
	struct jid again;
	bool ok = jid_parse(jid.full, arena, &again);

	assert(ok);
	assert_same(jid, again);
	jid_take(jid.full, arena, &again);
	assert_same(jid, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	const char *text = arena_memdup(arena, data, size);
	struct jid jid;

	if (jid_parse(text, arena, &jid)) {
		assert_fits(jid.local);
		assert_fits(jid.domain);
		assert_fits(jid.resource);
		assert(jid.domain != NULL && strlen(jid.full) <= JID_MAX);
		assert_stays(jid, arena);
		assert_stays(jid_bare(jid), arena);
	}
	arena_destroy(arena);
	return 0;
}
