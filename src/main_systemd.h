/* main_systemd.h - what systemd is told by sd_notify(3); without libsystemd, nothing. */
#ifndef MAIN_SYSTEMD_H
#define MAIN_SYSTEMD_H

#include <stddef.h>
#include <stdint.h>

/* state: "READY=1\n", "STOPPING=1\n" or "". */
void systemd_links(const char *state, size_t up, size_t n);

/* The watchdog, if the unit sets one: the loop runs. */
void systemd_alive(void);

/* An upgrade takes as long as the disk wants: systemd is to wait for the next word of it. */
void systemd_upgrade(void *ctx, const char *doing, uint64_t done, uint64_t of);

#endif
