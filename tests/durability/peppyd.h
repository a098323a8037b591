/* peppyd.h - a real peppyd on a store of its own, to be killed, starved and lied to.
 * Whatever goes wrong fails the test. */
#ifndef DURABILITY_PEPPYD_H
#define DURABILITY_PEPPYD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "peppy/store_upkeep.h"

#define PEPPYD_COMPONENT "pubsub.example.org"
#define PEPPYD_SECRET "durable"

/* A plain value. */
struct peppyd {
	pid_t pid; /* 0: not running */
	uint16_t port;
	char folder[200];    /* with the files conf, log and disk.log, and the folder store */
	const char *store;   /* lines of the section of that name, NULL: none but the path */
	bool shim;           /* disk.so stands between it and its disk: disk.h */
	bool recorded;       /* and writes the file disk.log */
	uint64_t file_limit; /* RLIMIT_FSIZE in bytes, 0: none */
	uint64_t memory_limit, descriptor_limit; /* likewise RLIMIT_AS and RLIMIT_NOFILE */
};

/* Makes the folder, in parent or, if that is NULL, where temporary files go. */
void peppyd_make(struct peppyd *peppyd, const char *parent, uint16_t port);
void peppyd_remove(struct peppyd *peppyd); /* kills it, too */

void peppyd_start(struct peppyd *peppyd);
void peppyd_kill(struct peppyd *peppyd);
void peppyd_terminate(struct peppyd *peppyd); /* SIGTERM */
bool peppyd_runs(const struct peppyd *peppyd);
void peppyd_limit_memory(const struct peppyd *peppyd); /* to hardly more than it has */
int peppyd_await_abort(struct peppyd *peppyd);         /* the signal that ends it */
int peppyd_await_end(struct peppyd *peppyd); /* which it comes to by itself; its exit status */
uint64_t peppyd_cpu_ms(const struct peppyd *peppyd); /* that it has used */
uint64_t peppyd_private_bytes(const struct peppyd *peppyd);
bool peppyd_logged(const struct peppyd *peppyd, const char *text);

void peppyd_fault(const struct peppyd *peppyd, const char *fault); /* for the shim; NULL: none */
void peppyd_path(const struct peppyd *peppyd, const char *name, char path[300]);

/* Jobs in the store of one that runs. */
size_t peppyd_jobs(const struct peppyd *peppyd);

/* Opens the store in this process, while peppyd does not run, and fails the test if store_check
 * finds anything. */
struct store_checked peppyd_check_store(const struct peppyd *peppyd);
struct store_checked check_store_in(const char *path);

/* How often a test does what it does at random: n in full, a few times in make check. */
unsigned durability_rounds(unsigned few, unsigned n);

#endif
