/* words.h - the words that only forms need. Private to src/model. */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include "peppy/pubsub.h"

extern const struct pubsub_words pubsub_association_words;
extern const struct pubsub_words pubsub_itemreply_words;
extern const struct pubsub_words pubsub_node_full_words;
extern const struct pubsub_words pubsub_node_type_words;
extern const struct pubsub_words pubsub_notification_type_words;
extern const struct pubsub_words pubsub_send_last_words;
extern const struct pubsub_words pubsub_show_words; /* no enum: presence states */
extern const struct pubsub_words pubsub_subscription_type_words;

#endif
