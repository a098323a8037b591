/* routes.h - the requests of XEP-0060, one row each. What has no row does not exist, and what
 * disco#info advertises is collected from the rows. */
#ifndef ROUTER_ROUTES_H
#define ROUTER_ROUTES_H

#include "peppy/codec.h"
#include "peppy/service.h"

#define ROUTE_FEATURES_MAX 8
#define ROUTES_MAX 40

struct route {
	const char *type; /* of the IQ: "get", "set"; or "message" */
	const char *ns;
	const char *element; /* child of <pubsub/> or of the message */
	const char *beside;  /* what else may stand there; NULL: nothing but RSM's <set/> */
	enum store_mode mode;
	codec_parse_fn parse;
	service_fn run;
	codec_render_fn render;
	const char *features[ROUTE_FEATURES_MAX]; /* http://jabber.org/protocol/pubsub#… */
};

/* The row of a <pubsub/> of this type, and its verb element. PUBSUB_ERR_BAD_REQUEST: none, or
 * several. */
enum pubsub_error route_find(const char *type, const struct xml_element *pubsub,
	const struct route **out, const struct xml_element **verb_out);

/* The row of a verb element; NULL: none. */
const struct route *route_of(const char *type, const struct xml_element *el);

/* The first row that runs this; NULL: none. */
const struct route *route_of_rule(service_fn run);

/* The rows by number; NULL: behind the last one. */
const struct route *route_at(size_t i);
size_t route_index(const struct route *route);

/* Features (full names) of a component's service or of an account, by its profile and by whether
 * contact lists can be had. In the arena. */
const char *const *route_features(
	const struct service_profile *profile, bool contacts, struct arena *arena, size_t *n_out);

#endif
