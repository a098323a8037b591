/* The clock of flows: it stands still but where the flow lets time pass. The linker puts it in the
 * place of the system's (--wrap). */
#include "flow.h"

#include "peppy/clock.h"

#define START_US UINT64_C(1071340202000000) /* 2003-12-13T18:30:02Z */

static uint64_t passed_us;
static int64_t jumped_us; /* by the wall clock alone */

uint64_t __wrap_clock_wall_us(void);
uint64_t __wrap_clock_monotonic_us(void);

uint64_t __wrap_clock_wall_us(void)
{
	return START_US + passed_us + (uint64_t)jumped_us;
}

uint64_t __wrap_clock_monotonic_us(void)
{
	return passed_us;
}

void flow_clock_reset(void)
{
	passed_us = 0;
	jumped_us = 0;
}

void flow_clock_pass(unsigned seconds)
{
	passed_us += seconds * UINT64_C(1000000);
}

void flow_clock_jump(int seconds)
{
	jumped_us += seconds * INT64_C(1000000);
}
