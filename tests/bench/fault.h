/* fault.h - the way out when something is not as it must be: an answer that is missing, a
 * notification twice, a peppyd that has ended. A workload that goes wrong has no figures. */
#ifndef BENCH_FAULT_H
#define BENCH_FAULT_H

#include "peppy/attributes.h"

/* Called once by whoever runs workloads; it does not return to the one at fault. */
typedef void (*fault_fn)(void *ctx, const char *text);
void fault_handler_set(fault_fn handler, void *ctx);

_Noreturn void fault(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
