/* Lines for systemd. */
#include "config.h"

#include "main_systemd.h"

#ifdef HAVE_SYSTEMD

#include <systemd/sd-daemon.h>

#define UPGRADE_PATIENCE_US "3600000000" /* until systemd takes it for dead */

void systemd_links(const char *state, size_t up, size_t n)
{
	sd_notifyf(0, "%sSTATUS=%zu of %zu links up", state, up, n);
}

void systemd_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

void systemd_upgrade(void *ctx, const char *doing, uint64_t done, uint64_t of)
{
	(void)ctx;
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=" UPGRADE_PATIENCE_US "\nSTATUS=%s the store: %u %%",
		doing, of == 0 ? 0 : (unsigned)(done * 100 / of));
}

#else

void systemd_links(const char *state, size_t up, size_t n)
{
	(void)state, (void)up, (void)n;
}

void systemd_alive(void)
{
}

void systemd_upgrade(void *ctx, const char *doing, uint64_t done, uint64_t of)
{
	(void)ctx, (void)doing, (void)done, (void)of;
}

#endif
