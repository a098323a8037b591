/* watch.c - peppy watch: a session that says what interests it and prints what comes. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "client.h"

static volatile sig_atomic_t is_over; /* a signal handler reaches nothing else */

static void on_signal(int number)
{
	(void)number;
	is_over = 1;
}

struct watch {
	const struct options *opt;
	unsigned seen;
};

static void on_stanza(xmpp_stanza_t *stanza, void *arg)
{
	struct watch *watch = arg;

	if (!stanza_is(stanza, "message"))
		return;
	watch->seen += event_print(stanza, watch->opt);
	fflush(stdout);
}

static enum exit_status watch_loop(struct session *session, struct watch *watch)
{
	const struct options *opt = watch->opt;
	struct timespec ts;
	long end;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	end = ts.tv_sec + (long)opt->timeout_s;
	while (opt->count == 0 || watch->seen < opt->count) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
		if (is_over || (opt->timeout_s > 0 && ts.tv_sec >= end))
			return opt->count == 0 ? EXIT_DONE : EXIT_TIMEOUT;
		if (!session_turn(session, 200)) {
			fputs("peppy: the connection was lost\n", stderr);
			return EXIT_CONNECTION;
		}
	}
	return EXIT_DONE;
}

enum exit_status watch_run(const struct options *opt)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct watch watch = {opt, 0};
	struct session *session;
	struct buf presence = {0};
	enum exit_status status = session_open(opt, &session);

	if (status == EXIT_DONE) {
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		session_on_stanza(session, on_stanza, &watch);
		entity_presence(opt, &presence);
		session_send(session, &presence);
		fprintf(stderr, "watching as %s\n", session_jid(session));
		status = watch_loop(session, &watch);
	}
	session_close(session);
	buf_finish(&presence);
	return status;
}
