/* main_config.h - a configuration as the floors below want it. */
#ifndef MAIN_CONFIG_H
#define MAIN_CONFIG_H

#include "peppy/conf.h"
#include "peppy/router.h"
#include "peppy/wire.h"

struct config {
	struct conf *conf;
	struct arena *arena;           /* of what router points to */
	struct router_options router;  /* but for its functions */
	struct codec_schemas *schemas; /* NULL: none */
};

/* Reads and checks the file. NULL: what is wrong stands on standard error. */
struct config *config_read(const char *path);
/* Likewise, for links: a credential that this process has not been passed is wrong, too. */
struct config *config_read_to_serve(const char *path);
void config_destroy(struct config *config); /* takes NULL */

struct wire_options config_wire(const struct config *config, size_t component);

/* Would the links be the same, and the store? Then a new file needs no new links. */
bool config_same_links(const struct config *a, const struct config *b);

#endif
