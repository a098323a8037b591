/* texts.c - lists of texts. */
#include "peppy/pubsub.h"

#include <string.h>

bool pubsub_texts_have(struct pubsub_texts texts, const char *text)
{
	for (size_t i = 0; i < texts.n; i++)
		if (strcmp(texts.v[i], text) == 0)
			return true;
	return false;
}
