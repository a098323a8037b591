/* mem.c - the suite on the engine 'mem'. */
#include "support.h"

int main(void)
{
	return suite_run("mem", fixture_open_mem);
}
