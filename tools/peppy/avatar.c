/* avatar.c - User Avatar (XEP-0084): the picture on one node, what it is on another. */
#include <string.h>

#include "peppy/hash.h"

#include "client.h"

#define NS_AVATAR_DATA "urn:xmpp:avatar:data"
#define NS_AVATAR_METADATA "urn:xmpp:avatar:metadata"

#define PNG_HEAD 24 /* signature, length and type of IHDR, width, height */

static unsigned long big_endian(const unsigned char *bytes)
{
	return (unsigned long)bytes[0] << 24 | (unsigned long)bytes[1] << 16 |
	       (unsigned long)bytes[2] << 8 | bytes[3];
}

static void metadata_write(
	struct payload *out, const char *id, const unsigned char *png, size_t len)
{
	struct xml_writer w = xml_writer(&out->xml);

	out->node = NS_AVATAR_METADATA;
	out->item_id = id;
	xml_start_ns(&w, "metadata", NS_AVATAR_METADATA);
	if (png != NULL) {
		xml_start(&w, "info");
		xml_put_attr_u64(&w, "bytes", len);
		xml_put_attr(&w, "id", id);
		xml_put_attr(&w, "type", "image/png");
		xml_put_attr_u64(&w, "width", big_endian(png + 16));
		xml_put_attr_u64(&w, "height", big_endian(png + 20));
		xml_end(&w);
	}
	xml_end(&w);
}

static void data_write(struct payload *out, const char *id, const char *base64)
{
	struct xml_writer w = xml_writer(&out->xml);

	out->node = NS_AVATAR_DATA;
	out->item_id = id;
	xml_start_ns(&w, "data", NS_AVATAR_DATA);
	xml_put_text(&w, base64);
	xml_end(&w);
}

enum exit_status avatar_build(
	const char *file, struct arena *arena, struct payload *data, struct payload *metadata)
{
	unsigned char digest[HASH_MAX_SIZE];
	const unsigned char *png;
	char *id;
	size_t len;

	if (file == NULL) {
		metadata_write(metadata, "current", NULL, 0);
		return EXIT_DONE;
	}
	png = (unsigned char *)file_read(file, arena, &len);
	if (png == NULL)
		return EXIT_MISUSE;
	if (len < PNG_HEAD || memcmp(png, "\x89PNG\r\n\x1a\n", 8) != 0 ||
		memcmp(png + 12, "IHDR", 4) != 0)
		return misuse(
			"%s is not a PNG picture, the only kind that all clients accept", file);
	id = arena_alloc(arena, 2 * HASH_MAX_SIZE + 1);
	hash_hex(digest, hash_digest("sha-1", png, len, digest), id);
	data_write(data, id, hash_base64_encode(arena, png, len));
	metadata_write(metadata, id, png, len);
	return EXIT_DONE;
}
