/* vCards (XEP-0054) of accounts whose server delegates vcard-temp, kept as they are stored. But
 * their picture is the avatar (XEP-0084, XEP-0398) for whoever may see it, and a vCard that is
 * stored with another picture makes that the avatar. */
#include "own.h"
#include "service_call.h"

#include <string.h>

#include "peppy/hash.h"
#include "peppy/log.h"

#include "limits.h"

#define ITEM "current"
#define SHA_1 "sha-1"
#define SHA_1_BYTES 20

/* The avatar that a picture is (base64, as clients write it), and its base64 without white
 * space. */
static const char *avatar_of(
	struct turn *turn, const struct codec_photo *photo, struct codec_avatar *out)
{
	unsigned char digest[HASH_MAX_SIZE];
	const unsigned char *bytes;
	char *id = arena_alloc(turn->arena, 2 * SHA_1_BYTES + 1);

	*out = (struct codec_avatar){.type = photo->type};
	bytes = photo->data == NULL ? NULL
				    : hash_base64_decode(turn->arena, photo->data, &out->bytes);
	if (bytes == NULL || hash_digest(SHA_1, bytes, out->bytes, digest) != SHA_1_BYTES)
		return NULL;
	hash_hex(digest, SHA_1_BYTES, id);
	out->id = id;
	return hash_base64_encode(turn->arena, bytes, out->bytes);
}

/* ---- get ---- */

/* The data of an avatar, if both of its nodes may be seen. */
static enum pubsub_error find_data(
	struct own *own, struct jid from, const char *avatar_id, const char **out)
{
	struct xml_stanza metadata, data = {0};
	const char *id;
	enum pubsub_error err = own_item(own, from, NS_AVATAR, NULL, &metadata, &id);

	if (err == PUBSUB_OK && metadata.root != NULL)
		err = own_item(own, from, NS_AVATAR_DATA, avatar_id, &data, &id);
	*out = data.root != NULL && *data.root->text != '\0' ? data.root->text : NULL;
	return err;
}

/* Who may not see the avatar gets the vCard's own picture, unless it is an old one. */
static enum pubsub_error find_photo(struct own *own, struct jid from, struct codec_photo *photo)
{
	struct codec_avatar kept;
	struct xml_stanza metadata;
	const char *id, *type, *data;
	enum pubsub_error err = own_item(own, own->account, NS_AVATAR, NULL, &metadata, &id);

	if (err != PUBSUB_OK || metadata.root == NULL)
		return err;
	id = codec_avatar_id(metadata.root, &type);
	err = id == NULL ? PUBSUB_OK : find_data(own, from, id, &data);
	if (err != PUBSUB_OK)
		return err;
	if (id == NULL)
		*photo = (struct codec_photo){0};
	else if (data != NULL)
		*photo = (struct codec_photo){.type = type, .data = data};
	else if (avatar_of(own->turn, photo, &kept) == NULL || strcmp(kept.id, id) != 0)
		*photo = (struct codec_photo){0};
	return PUBSUB_OK;
}

void vcard_get_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct codec_photo photo = {0};
	struct xml_stanza vcard;
	enum pubsub_error err;
	struct xml_writer w;
	struct own own;
	const char *id;

	if (!own_open(turn, inquiry, STORE_READ, &own))
		return;
	err = own_item(&own, inquiry->from, NS_VCARD, NULL, &vcard, &id);
	if (vcard.root != NULL)
		photo = codec_vcard_photo(vcard.root);
	if (err == PUBSUB_OK)
		err = find_photo(&own, inquiry->from, &photo);
	if (err == PUBSUB_OK && vcard.root == NULL && photo.data == NULL)
		err = PUBSUB_ERR_NODE_NOT_FOUND; /* the same for an account that is none */
	if (err != PUBSUB_OK) {
		service_call_failed(turn, inquiry, err, NULL);
		return;
	}
	w = stanza_reply(turn, inquiry, "result");
	codec_vcard_render(&w, vcard.root != NULL ? &vcard : NULL, &photo);
	stanza_reply_end(turn, inquiry, &w);
}

/* ---- set ---- */

static enum pubsub_error publish_avatar(
	struct own *own, const struct codec_avatar *avatar, const char *base64)
{
	struct buf payload = {0};
	struct xml_writer w = xml_writer(&payload);
	enum pubsub_error err = PUBSUB_OK;

	if (base64 != NULL) {
		codec_avatar_data_render(&w, base64);
		err = own_publish(own, NS_AVATAR_DATA, avatar->id, &payload);
	}
	if (err == PUBSUB_OK) {
		codec_avatar_render(&w, avatar);
		err = own_publish(own, NS_AVATAR, avatar->id != NULL ? avatar->id : ITEM, &payload);
	}
	buf_finish(&payload);
	return err;
}

/* What is no picture changes nothing; none takes the avatar away. */
static enum pubsub_error take_photo(struct own *own, const struct codec_photo *photo)
{
	struct codec_avatar avatar;
	const char *base64 = avatar_of(own->turn, photo, &avatar), *former = NULL, *type, *id;
	struct xml_stanza metadata;
	enum pubsub_error err = own_item(own, own->account, NS_AVATAR, NULL, &metadata, &id);

	if (err != PUBSUB_OK || (photo->data != NULL && base64 == NULL))
		return err;
	if (metadata.root != NULL)
		former = codec_avatar_id(metadata.root, &type);
	if (former == NULL ? base64 == NULL : base64 != NULL && strcmp(former, avatar.id) == 0)
		return PUBSUB_OK;
	return publish_avatar(own, &avatar, base64);
}

static enum pubsub_error set(
	struct own *own, const struct inquiry *inquiry, const char **detail_out)
{
	const struct codec_photo photo = codec_vcard_photo(inquiry->child);
	struct buf payload = {0};
	size_t len;
	const char *bytes = xml_standalone(&inquiry->task->stanza, inquiry->child, &len);
	enum pubsub_error err;

	if (!limits_take(own->turn, LIMIT_PUBLISHES, inquiry->from, 1, detail_out))
		return PUBSUB_ERR_RATE_LIMIT;
	buf_append(&payload, bytes, len);
	err = own_publish(own, NS_VCARD, ITEM, &payload);
	buf_finish(&payload);
	if (err != PUBSUB_OK)
		return err;
	err = take_photo(own, &photo);
	if (err == PUBSUB_OK || turn_is_store_error(err))
		return err;
	log_info("router", "the picture of %s's vCard is not the avatar: %s", own->account.bare,
		error_text(err));
	return PUBSUB_OK;
}

void vcard_set_run(struct turn *turn, const struct inquiry *inquiry)
{
	own_set_run(turn, inquiry, set);
}
