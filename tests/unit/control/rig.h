/* rig.h - a control socket over a service in memory, and a client of it. */
#ifndef TESTS_CONTROL_RIG_H
#define TESTS_CONTROL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "peppy/buf.h"
#include "peppy/control.h"

#define RIG_NOW_US UINT64_C(1700000000000000)
#define RIG_HOST "pubsub.denmark.lit"

struct rig {
	char folder[32];
	char path[64]; /* of the socket */
	struct event_base *base;
	struct store *store;
	struct arena *arena;
	struct pep *pep;
	struct control *control;
	int fd;                     /* a client's; -1: none */
	struct buf received;        /* by it */
	struct buf events;          /* "KIND NODE > JID...\n" for each that was sent */
	const char *metrics_listen; /* NULL: nowhere */
	struct top *nodes, *senders;
	bool two_components; /* the second is rooms.denmark.lit */
	bool reload_fails;
	unsigned reloads;
	struct service_erased erased; /* what erasing is said to have done */
	uint64_t later_us;            /* than RIG_NOW_US it is */
	struct buf renewed;           /* a line each account whose contacts were asked for */
	bool lists_are_hidden;
	char *erased_jid;              /* whom it was asked for; NULL: nobody */
	enum pubsub_error store_error; /* what turns come to; PUBSUB_OK: what their function says */
};

/* cmocka's setup and teardown: control and a client are there. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

void rig_open(struct rig *rig); /* control, at rig->path */
void rig_close(struct rig *rig);
int rig_connect(struct rig *rig); /* another client */

/* Lets the loop do what there is to do. */
void rig_run(struct rig *rig);

/* Sends bytes from a client. */
void rig_send(struct rig *rig, int fd, const char *bytes, size_t len);

/* The next line that the client gets; NULL: the connection was closed. In the arena. */
const char *rig_line(struct rig *rig);

/* Asks and answers with ' for ". */
const char *rig_ask(struct rig *rig, const char *request);
#define assert_answer(rig, request, answer) assert_string_equal(rig_ask(rig, request), answer)

/* What was sent since the last time, as in rig->events. */
const char *rig_events(struct rig *rig);

#endif
