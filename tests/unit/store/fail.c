/* fail.c - the suite on an engine that could fail, but is not told to. */
#include "support.h"

int main(void)
{
	return suite_run("fail", fixture_open_fail);
}
