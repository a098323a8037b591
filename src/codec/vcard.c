/* vcard.c - the picture of somebody: in a vCard (XEP-0054, XEP-0153), and as an avatar
 * (XEP-0084). */
#include "codec/request.h"

struct codec_photo codec_vcard_photo(const struct xml_element *vcard)
{
	const struct xml_element *photo = xml_child(vcard, NS_VCARD, "PHOTO");

	if (photo == NULL)
		return (struct codec_photo){0};
	return (struct codec_photo){
		.type = request_text(photo, NS_VCARD, "TYPE"),
		.data = request_text(photo, NS_VCARD, "BINVAL"),
	};
}

static void photo_render(struct xml_writer *w, const struct codec_photo *photo)
{
	xml_start(w, "PHOTO");
	if (photo->type != NULL)
		xml_leaf(w, "TYPE", photo->type);
	xml_leaf(w, "BINVAL", photo->data);
	xml_end(w);
}

/* A picture that only an address tells of stays if there is no other. */
static bool is_elsewhere(const struct xml_element *el, const struct codec_photo *photo)
{
	return photo->data == NULL && request_text(el, NS_VCARD, "BINVAL") == NULL;
}

void codec_vcard_render(
	struct xml_writer *w, const struct xml_stanza *doc, const struct codec_photo *photo)
{
	const struct xml_element *el = doc == NULL ? NULL : doc->root->first;
	struct buf others = {0};

	for (; el != NULL; el = el->next)
		if (!xml_is(el, NS_VCARD, "PHOTO") || is_elsewhere(el, photo))
			request_copy(&others, doc, el);
	xml_start_ns(w, "vCard", NS_VCARD);
	xml_put_raw(w, others.data, others.len);
	buf_finish(&others);
	if (photo->data != NULL)
		photo_render(w, photo);
	xml_end(w);
}

/* XEP-0398 3.1: of several the one that does not point elsewhere. */
const char *codec_avatar_id(const struct xml_element *metadata, const char **type_out)
{
	const struct xml_element *info = xml_child(metadata, NS_AVATAR, "info");

	while (info != NULL && (xml_attr(info, "url") != NULL || xml_attr(info, "id") == NULL))
		info = xml_next(info, NS_AVATAR, "info");
	*type_out = info == NULL ? NULL : xml_attr(info, "type");
	return info == NULL ? NULL : xml_attr(info, "id");
}

void codec_avatar_render(struct xml_writer *w, const struct codec_avatar *avatar)
{
	xml_start_ns(w, "metadata", NS_AVATAR);
	if (avatar->id != NULL) {
		xml_start(w, "info");
		xml_put_attr(w, "id", avatar->id);
		xml_put_attr_u64(w, "bytes", avatar->bytes);
		xml_put_attr(w, "type", avatar->type != NULL ? avatar->type : "image/png");
		xml_end(w);
	}
	xml_end(w);
}

void codec_avatar_data_render(struct xml_writer *w, const char *base64)
{
	xml_start_ns(w, "data", NS_AVATAR_DATA);
	xml_put_text(w, base64);
	xml_end(w);
}
