/* service_call.h - the rules called in the middle of a turn. */
#ifndef ROUTER_SERVICE_CALL_H
#define ROUTER_SERVICE_CALL_H

#include "stanza.h"

/* The surroundings of a call to the rules; false: the store failed. */
bool service_call_open(struct turn *turn, size_t component, bool account, bool expired,
	enum store_mode mode, struct service *out);

/* The component whose service this is, or which serves accounts of its domain, whether or not they
 * are delegated at present. */
bool service_call_find(const struct router *router, const char *service, size_t *component_out);

/* By which link, and as what, events of this service leave. false: they cannot. */
bool service_call_sender(struct router *router, const char *service, size_t *component_out,
	struct outbox_sender *out);

/* Keeps an event for those that collect it; false: the store failed. */
bool service_call_collect(struct turn *turn, const struct service *service,
	const struct pubsub_event *event, const char *body, size_t len);

/* A headline for the account itself goes to its resources, if any is online: Prosody drops one from
 * an account to its own bare JID. */
void service_call_address(struct turn *turn, struct pubsub_event *event);

/* Sends what the rules appended to service->events; before anything is written again. */
void service_call_notify(struct turn *turn, const struct service *service);

/* The same where nobody asked, and nobody is answered: err, what the rules returned, gives the turn
 * up if it is the store's, and else says nothing new. */
void service_call_close(struct turn *turn, const struct service *service, enum pubsub_error err);

/* The rules gave an error: answers it, or parks the request, or gives the turn up. */
void service_call_failed(struct turn *turn, const struct inquiry *inquiry, enum pubsub_error err,
	const char *detail);

#endif
