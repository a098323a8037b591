/* disk.h - what disk.so tells of a process and does to it. Loaded before all libraries, it stands
 * between LMDB and the store's file.
 *
 * DISK_LOG: a file to which every write and flush of the store's file is appended, and all that is
 * sent by sockets, in the order in which it happened.
 * DISK_FAULT: a file. As long as it exists, it says what fails: "write 30" or "flush 5", with the
 * errno; "full 1000000": the disk, at that byte of the file; or what takes longer: "slow 20", a
 * flush, by so many ms; or when the process is killed: "kill 3", before its third write or
 * flush. */
#ifndef DURABILITY_DISK_H
#define DURABILITY_DISK_H

#include <stdint.h>

enum disk_event_kind {
	DISK_WRITE,  /* to the page cache */
	DISK_STORED, /* a write that has reached the disk when it returns */
	DISK_FLUSH,  /* all writes before it have */
	DISK_SENT    /* bytes that the world has seen */
};

struct disk_event { /* and then len bytes */
	uint64_t kind, offset, len;
};

#endif
