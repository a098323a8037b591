#include "wire/resolver.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "peppy/memory.h"

/* One for each resolution, with an evdns base of its own: so resolv.conf is read anew each time. */
struct resolver {
	struct evdns_base *dns;
	struct evdns_getaddrinfo_request *request;
	struct event *answered;
	struct evutil_addrinfo *addresses;
	int error;
	resolver_fn fn; /* NULL: cancelled */
	void *ctx;
};

/* libevent touches the evdns base after its own callback: the answer goes out from a fresh one. */
static void on_answered(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *resolver = ctx;

	(void)fd;
	(void)what;
	if (resolver->fn != NULL)
		resolver->fn(
			resolver->ctx, resolver->addresses, evutil_gai_strerror(resolver->error));
	else if (resolver->addresses != NULL)
		evutil_freeaddrinfo(resolver->addresses);
	if (resolver->dns != NULL)
		evdns_base_free(resolver->dns, 0);
	event_free(resolver->answered);
	free(resolver);
}

static void answer(int error, struct evutil_addrinfo *addresses, void *ctx)
{
	struct resolver *resolver = ctx;

	resolver->request = NULL;
	resolver->error = addresses == NULL && error == 0 ? EVUTIL_EAI_NODATA : error;
	resolver->addresses = addresses;
	event_active(resolver->answered, EV_TIMEOUT, 0);
}

/* Numeric addresses need no DNS, and no working DNS. */
static bool answer_numeric(struct resolver *resolver, const char *host, const char *service)
{
	const struct evutil_addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV};
	struct evutil_addrinfo *numeric = NULL;

	if (evutil_getaddrinfo(host, service, &hints, &numeric) != 0)
		return false;
	answer(0, numeric, resolver);
	return true;
}

struct resolver *resolver_start(
	struct event_base *base, const struct resolver_query *query, resolver_fn fn, void *ctx)
{
	const struct evutil_addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = EVUTIL_AI_NUMERICSERV};
	struct resolver *resolver = memory_alloc(sizeof *resolver);
	char service[sizeof "65535"];

	resolver->fn = fn;
	resolver->ctx = ctx;
	resolver->answered = evtimer_new(base, on_answered, resolver);
	if (resolver->answered == NULL)
		abort();
	snprintf(service, sizeof service, "%u", query->port);
	if (answer_numeric(resolver, query->host, service))
		return resolver;
	resolver->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (resolver->dns == NULL) {
		answer(EVUTIL_EAI_FAIL, NULL, resolver);
		return resolver;
	}
	/* without the file it asks 127.0.0.1, as the resolver of the C library does */
	evdns_base_resolv_conf_parse(resolver->dns, DNS_OPTIONS_ALL, query->resolv_conf);
	resolver->request =
		evdns_getaddrinfo(resolver->dns, query->host, service, &hints, answer, resolver);
	return resolver;
}

void resolver_cancel(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	resolver->fn = NULL;
	if (resolver->request != NULL)
		evdns_getaddrinfo_cancel(resolver->request);
}
