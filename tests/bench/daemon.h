/* daemon.h - a peppyd of our own on a temporary store: started, watched from outside, ended. */
#ifndef BENCH_DAEMON_H
#define BENCH_DAEMON_H

#include <stdint.h>

#define DAEMON_COMPONENT "pubsub.example.org"
#define DAEMON_DOMAIN "example.org"
#define DAEMON_SECRET "bench"

struct daemon;

struct daemon_options {
	const char *program; /* the path of peppyd */
	const char *folder;  /* in which the temporary one is made: on the disk that is measured */
	uint16_t port;       /* of the server */
};

/* Makes the folder and the configuration and starts peppyd. */
struct daemon *daemon_create(const struct daemon_options *opt);

/* Removes the folder. It is not running. */
void daemon_destroy(struct daemon *daemon);

/* At a fault: kills it, removes the folder, but leaves nothing to be said about either. */
void daemon_abandon(struct daemon *daemon);

/* To stop it: asked to, it closes its stream, and is awaited when the server has done so too. */
void daemon_ask_to_end(const struct daemon *daemon);
void daemon_await_end(struct daemon *daemon); /* faults if that was not well */
void daemon_start(struct daemon *daemon);     /* on the store that is there */

void daemon_expect_alive(struct daemon *daemon); /* faults if it has ended */

/* How it ended, if it has, and the last line of its log. */
#define DAEMON_LINE_SIZE 300
void daemon_last_words(struct daemon *daemon, char line[DAEMON_LINE_SIZE]);

struct daemon_usage {
	uint64_t cpu_ns;    /* of all its threads since it started */
	uint64_t written;   /* bytes it had written to the disk */
	uint64_t disk;      /* bytes the store takes */
	uint64_t private;   /* bytes of memory: Private_* of smaps_rollup, so with what the store's
	                         map holds of the page cache */
	uint64_t anonymous; /* of these, what is not the map's */
};
struct daemon_usage daemon_usage(const struct daemon *daemon);
uint64_t daemon_anonymous(const struct daemon *daemon); /* cheap: for watching the peak */
int daemon_pid(const struct daemon *daemon);

#endif
