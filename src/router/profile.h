/* profile.h - what makes the services of the components, and of the accounts that they serve,
 * different from each other: made of the options. */
#ifndef ROUTER_PROFILE_H
#define ROUTER_PROFILE_H

#include "turn.h"

/* Those of all components, of router->opt. */
void profiles_make(struct router *router);
void profiles_destroy(struct router *router);

/* The component of that JID; false: there is none, *out is untouched. */
bool profile_component(const struct router *router, const char *jid, size_t *out);

/* The one of a service, whichever component it leaves by; service_profiles.of, ctx is the router. */
const struct service_profile *profile_find(void *router, const char *service_jid);

#endif
