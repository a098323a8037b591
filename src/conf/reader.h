/* reader.h - a file while it is being read. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <stddef.h>

#include "conf/fault.h"
#include "conf/keys.h"
#include "conf/scan.h"

struct reader {
	const char *path;
	struct arena *arena;   /* of the conf */
	struct arena *scratch; /* gone when the file has been read */
	struct conf *conf;
	struct faults faults;
	struct scan scan;
	bool is_public; /* everybody may read the file */
};

/* What concerns several keys, or things outside the file; fills in what follows from other keys. */
void check_component(struct reader *r, struct conf_component *component, size_t nth);
void check_conf(struct reader *r);

/* A small file as text in the arena; NULL: errno tells. EFBIG: longer than max bytes.
 * *public_out: everybody may read it. */
char *file_read(
	const char *path, size_t max, struct arena *arena, size_t *len_out, bool *public_out);

#endif
