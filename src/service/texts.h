/* texts.h - a growing list of texts in an arena. */
#ifndef SERVICE_TEXTS_H
#define SERVICE_TEXTS_H

#include "peppy/pubsub.h"

struct texts {
	struct arena *arena; /* the rest is zero at the start */
	const char **v;
	size_t n, cap;
};

void texts_add(struct texts *texts, const char *text); /* which is not copied */
struct pubsub_texts texts_list(const struct texts *texts);

#endif
