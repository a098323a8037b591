/* lmdb.c - the suite on the engine 'lmdb'. */
#include "support.h"

int main(void)
{
	return suite_run("lmdb", fixture_open_lmdb);
}
