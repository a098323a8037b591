/* tags.h - what tells one kind of row from another; schemas/store.md explains them.
 * Private to src/store. On disk: never changed, never used again. */
#ifndef STORE_TAGS_H
#define STORE_TAGS_H

/* A newer minor version only adds what an older peppy may pass over; a newer major one does not
 * open there, and has its step in upgrade.c. */
#define STORE_VERSION_MAJOR 3
#define STORE_VERSION_MINOR 0

enum service_tag { /* tree N, sid no=0 */
	SERVICE_RECORD = 0x01,
	SERVICE_NODE = 0x02,
	SERVICE_CONTACT = 0x03,
	SERVICE_ROSTER = 0x04
};

enum node_tag { /* tree N, sid no */
	NODE_STAT_BEFORE_3 = 0x08,
	NODE_CONFIG = 0x09,
	NODE_AFFILIATION = 0x10,
	NODE_ITEM = 0x20,
	NODE_STAT = 0x28, /* behind the newest item, before the ids: a publish writes all three */
	NODE_ITEM_ID = 0x30,
	NODE_SUBSCRIPTION = 0x40,
	NODE_PENDING = 0x48,
	NODE_CHILD = 0x50,
	NODE_PARENT = 0x51,
	NODE_DIGEST = 0x58
};

enum entity_tag { /* tree E */
	ENTITY_SERVICE = 0x01,
	ENTITY_AFFILIATION = 0x02,
	ENTITY_SUBSCRIPTION = 0x03,
	ENTITY_CONTACT = 0x04,
	ENTITY_ITEMS = 0x05
};

enum time_kind { /* tree T */
	TIME_NODE = 0x01,
	TIME_SUBSCRIPTION = 0x02
};

enum meta_tag { /* tree M */
	META_CAPS = 'c',
	META_CAPS_COUNT = 'n',
	META_CAPS_ORDER = 'o',
	META_ERASE = 'e',
	META_JOB = 'j',
	META_JOB_DATA = 'd',
	META_LAST_JOB = 'i',
	META_LAST_SID = 's',
	META_SILENCE = 'u',
	META_VERSION = 'v'
};

#endif
