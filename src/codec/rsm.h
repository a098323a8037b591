/* rsm.h - <set/> of XEP-0059. Private to src/codec. */
#ifndef CODEC_RSM_H
#define CODEC_RSM_H

#include "peppy/codec.h"

/* Reads the <set/> inside parent; out->present is false if there is none. */
MUST_CHECK enum pubsub_error rsm_parse(const struct xml_element *parent, struct pubsub_rsm *out);

/* Writes nothing if the page is not present. */
void rsm_render(struct xml_writer *w, const struct pubsub_page *page);

#endif
