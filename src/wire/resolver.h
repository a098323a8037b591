/* resolver.h - a host's addresses, without blocking: numeric ones at once, /etc/hosts, then DNS. */
#ifndef WIRE_RESOLVER_H
#define WIRE_RESOLVER_H

#include <event2/util.h>
#include <stdint.h>

struct event_base;
struct resolver;

/* Called once, from the event loop. addresses: the callee's, for evutil_freeaddrinfo; NULL if there
 * are none, and why says so. */
typedef void (*resolver_fn)(void *ctx, struct evutil_addrinfo *addresses, const char *why);

struct resolver_query {
	const char *host;
	uint16_t port;
	const char *resolv_conf;
};

/* Frees itself after fn was called. query is done with on return. */
struct resolver *resolver_start(
	struct event_base *base, const struct resolver_query *query, resolver_fn fn, void *ctx);

/* fn will not be called; the rest is freed when the event loop next runs. Takes NULL. */
void resolver_cancel(struct resolver *resolver);

#endif
