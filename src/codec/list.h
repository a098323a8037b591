/* list.h - elements that several answers and events are made of. Private to src/codec. */
#ifndef CODEC_LIST_H
#define CODEC_LIST_H

#include "peppy/codec.h"

/* <subscription node jid subid subscription> left open for what goes inside. */
void list_start_subscription(struct xml_writer *w, const struct pubsub_subscription *subscription);

/* <affiliation node jid affiliation/> */
void list_put_affiliation(struct xml_writer *w, const struct pubsub_affiliate *affiliate);

/* <item id publisher>payload</item> */
void list_put_item(struct xml_writer *w, const struct pubsub_item *item);

#endif
