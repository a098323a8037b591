/* folder.h - the folder a store is in: made, judged and locked before LMDB sees it.
 * Private to src/store. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "peppy/attributes.h"
#include "peppy/error.h"

#define FOLDER_LOCK "peppy.lock" /* its name */

/* Makes the folder if it is not there, refuses network file systems, and locks it against other
 * processes until folder_unlock. */
MUST_CHECK enum pubsub_error folder_lock(const char *path, int *lock_out);
void folder_unlock(int lock); /* takes -1 */

#endif
