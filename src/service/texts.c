/* texts.c - lists of texts. */
#include "service/texts.h"

#include <string.h>

void texts_add(struct texts *texts, const char *text)
{
	if (texts->n == texts->cap) {
		const char **old = texts->v;

		texts->cap = texts->cap > 0 ? 2 * texts->cap : 4;
		texts->v = arena_alloc(texts->arena, texts->cap * sizeof *texts->v);
		if (texts->n > 0)
			memcpy(texts->v, old, texts->n * sizeof *old);
	}
	texts->v[texts->n++] = text;
}

struct pubsub_texts texts_list(const struct texts *texts)
{
	return (struct pubsub_texts){texts->v, texts->n};
}
