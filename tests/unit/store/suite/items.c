/* items.c - publishing, paging, trimming and purging. */
#include "../support.h"

#include <stdio.h>
#include <string.h>

#include "peppy/array.h"

static void assert_missing(struct fixture *f, const struct pubsub_node *node, const char *id)
{
	struct pubsub_item item;

	assert_int_equal(store_item_get(f->txn, node, id, &item), PUBSUB_ERR_ITEM_NOT_FOUND);
}

static struct pubsub_node *node_with(struct fixture *f, int items)
{
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	char id[16];
	int i;

	for (i = 1; i <= items; i++) {
		sprintf(id, "i%d", i);
		publish(f, node, id, (uint64_t)(10 * i));
	}
	return node;
}

static void test_an_item_keeps_everything_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item item = {
		.id = "ae890ac52d0df67ed7cfdf51b644e901",
		.publisher = "hamlet@denmark.lit",
		.payload = "<entry xmlns='http://www.w3.org/2005/Atom'/>",
		.payload_len = 44,
		.payload_ns = "http://www.w3.org/2005/Atom",
		.payload_name = "entry",
		.published_us = 1700000000000000,
	};
	struct pubsub_item found;
	bool replaced = true;

	expire_after(f, node, 60);
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_false(replaced);
	assert_int_equal(item.seq, 1700000000000000);
	assert_int_equal(item.created_us, 1700000000000000);
	reading(f);
	ok(store_item_get(f->txn, node, item.id, &found));
	assert_string_equal(found.id, item.id);
	assert_string_equal(found.publisher, item.publisher);
	assert_int_equal(found.payload_len, 44);
	assert_memory_equal(found.payload, item.payload, 44);
	assert_string_equal(found.payload_ns, item.payload_ns);
	assert_string_equal(found.payload_name, "entry");
	assert_int_equal(found.seq, item.seq);
	assert_int_equal(found.published_us, item.published_us);
	assert_int_equal(found.created_us, item.created_us);
	assert_int_equal(found.expires_us, 1700000060000000);
	assert_int_equal(found.expires_us, item.expires_us);
}

static void test_what_an_item_has_not_stays_absent(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item item = {.id = "a", .published_us = 5}, found;
	bool replaced;

	ok(store_item_put(f->txn, node, &item, &replaced));
	ok(store_item_get(f->txn, node, "a", &found));
	assert_null(found.publisher);
	assert_null(found.payload);
	assert_null(found.payload_ns);
	assert_int_equal(found.payload_len + found.expires_us, 0);
	assert_missing(f, node, "b");
}

static void test_a_large_payload_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const size_t len = 1024 * 1024 + 1;
	struct pubsub_item item = {
		.id = "a", .payload = text_of(f, "<x>", 'y', len), .payload_len = len};
	struct pubsub_item found;
	bool replaced;

	ok(store_item_put(f->txn, node, &item, &replaced));
	reading(f);
	ok(store_item_get(f->txn, node, "a", &found));
	assert_int_equal(found.payload_len, len);
	assert_memory_equal(found.payload, item.payload, len);
}

static void test_ids_of_any_length_and_bytes_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const char *all[] = {"a", "A", "a ", "\x01", "a\x01",
		"a\x01"
		"b",
		"\xff", "\xc3\xa4", text_of(f, "", 'x', 117), text_of(f, "", 'x', 118),
		text_of(f, "", 'x', 119), text_of(f, "", 'x', 150), text_of(f, "", 'x', 151),
		text_of(f, "", 'x', 20000), text_of(f, "", 'x', 20001)};
	const size_t n = ARRAY_COUNT(all);
	struct pubsub_item found;
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(publish(f, node, all[i], 1000 + i), 1000 + i);
	assert_int_equal(node->items, n);
	for (i = 0; i < n; i++) {
		ok(store_item_get(f->txn, node, all[i], &found));
		assert_int_equal(found.seq, 1000 + i);
		assert_string_equal(found.id, all[i]);
	}
}

static void test_publication_has_an_order_also_when_the_clock_goes_back(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item found;

	assert_int_equal(publish(f, node, "a", 5000), 5000);
	assert_int_equal(publish(f, node, "b", 5000), 5001);
	assert_int_equal(publish(f, node, "c", 10), 5002);
	assert_int_equal(publish(f, node, "d", 9000), 9000);
	assert_int_equal(node->last_seq, 9000);
	assert_string_equal(all_ids(f, node), "a b c d");
	ok(store_item_get(f->txn, node, "c", &found));
	assert_int_equal(found.published_us, 10);
	assert_int_equal(found.created_us, 10);
}

static void test_an_item_published_again_is_the_newest_and_keeps_its_creation(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);
	struct pubsub_item item = {.id = "i1",
				   .payload = "<new/>",
				   .payload_len = 6,
				   .published_us = 100},
			   found;
	bool replaced = false;

	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_true(replaced);
	assert_int_equal(item.created_us, 10);
	assert_int_equal(node->items, 3);
	assert_string_equal(all_ids(f, node), "i2 i3 i1");
	ok(store_item_get(f->txn, node, "i1", &found));
	assert_int_equal(found.created_us, 10);
	assert_int_equal(found.published_us, 100);
	assert_memory_equal(found.payload, "<new/>", 6);
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_int_equal(item.created_us, 10); /* also the third time */
}

static void test_pages_of_items(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 5);

#define PAGE(expected, ...)                                                                        \
	assert_string_equal(ids(f, node, (struct store_item_range){__VA_ARGS__}), expected)
	reading(f);
	PAGE("i1 i2 i3 i4 i5", .limit = 10);
	PAGE("i1 i2", .limit = 2);
	PAGE("i4 i5", .limit = 2, .backward = true);
	PAGE("i3 i4", .limit = 2, .after_seq = 20);
	PAGE("i3 i4", .limit = 2, .after_seq = 29);
	PAGE("", .limit = 2, .after_seq = 50);
	PAGE("", .limit = 2, .after_seq = UINT64_MAX);
	PAGE("i2 i3", .limit = 2, .before_seq = 40, .backward = true);
	PAGE("i2 i3", .limit = 2, .before_seq = 31, .backward = true);
	PAGE("i1 i2 i3", .limit = 9, .before_seq = 40);
	PAGE("i2 i3", .limit = 9, .after_seq = 10, .before_seq = 40);
	PAGE("i3", .limit = 1, .after_seq = 10, .before_seq = 40, .backward = true);
	PAGE("", .limit = 9, .before_seq = 10, .backward = true);
	PAGE("", .limit = 0);
}

static void test_a_page_ends_before_its_bytes_are_exceeded(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 5); /* each id is 2 bytes, each payload 5 */

	reading(f);
	PAGE("i1 i2", .limit = 9, .bytes = 14);
	PAGE("i1 i2", .limit = 9, .bytes = 20);
	PAGE("i1 i2 i3", .limit = 9, .bytes = 21);
	PAGE("i1", .limit = 9, .bytes = 1);
	PAGE("i4 i5", .limit = 9, .bytes = 15, .backward = true);
	PAGE("i1 i2 i3 i4 i5", .limit = 9, .bytes = 0);
}

static void test_items_of_the_neighbours_are_on_no_page(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *before = make_node(f, SERVICE, "before");
	struct pubsub_node *node = node_with(f, 1);
	struct pubsub_node *behind = make_node(f, SERVICE, "behind");

	publish(f, before, "x", 1);
	publish(f, behind, "y", 99);
	PAGE("i1", .limit = 9);
	PAGE("i1", .limit = 9, .backward = true);
}

static void test_an_item_is_found_by_its_place(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);
	uint64_t seq;

	ok(store_items_seek(f->txn, node, 0, &seq));
	assert_int_equal(seq, 10);
	ok(store_items_seek(f->txn, node, 2, &seq));
	assert_int_equal(seq, 30);
	assert_int_equal(store_items_seek(f->txn, node, 3, &seq), PUBSUB_ERR_ITEM_NOT_FOUND);
}

static void test_a_deleted_item_is_gone_and_counted_off(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);

	ok(store_item_del(f->txn, node, "i2"));
	assert_int_equal(node->items, 2);
	assert_missing(f, node, "i2");
	assert_string_equal(all_ids(f, node), "i1 i3");
	assert_int_equal(store_item_del(f->txn, node, "i2"), PUBSUB_ERR_ITEM_NOT_FOUND);
	assert_int_equal(get_node(f, SERVICE, "news")->items, 2);
}

static const char *trim(struct fixture *f, struct pubsub_node *node, uint64_t keep)
{
	struct pubsub_texts trimmed;
	const char *text = "";
	size_t i;

	ok(store_items_trim(f->txn, node, keep, f->arena, &trimmed));
	for (i = 0; i < trimmed.n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", trimmed.v[i]);
	return text;
}

static void test_trimming_takes_the_oldest_and_names_them(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 5);

	assert_string_equal(trim(f, node, 5), "");
	assert_string_equal(trim(f, node, 9), "");
	assert_string_equal(trim(f, node, 3), "i1 i2");
	assert_int_equal(node->items, 3);
	assert_string_equal(all_ids(f, node), "i3 i4 i5");
	assert_missing(f, node, "i1");
	publish(f, node, "i3", 60); /* renewed: now i4 is the oldest */
	assert_string_equal(trim(f, node, 2), "i4");
	assert_string_equal(trim(f, node, 0), "i5 i3");
	assert_int_equal(get_node(f, SERVICE, "news")->items, 0);
}

static void test_many_trimmed_items_are_gone_at_once_and_erased_later(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_texts trimmed;
	char id[8];
	int i;

	expire_after(f, node, 9);
	for (i = 0; i < 1500; i++) {
		sprintf(id, "%d", i);
		publish(f, node, id, 10 + (uint64_t)i);
	}
	ok(store_items_trim(f->txn, node, 2, f->arena, &trimmed));
	assert_int_equal(trimmed.n, 1498);
	assert_string_equal(trimmed.v[0], "0");
	assert_string_equal(trimmed.v[1497], "1497");
	assert_string_equal(all_ids(f, node), "1498 1499");
	assert_missing(f, node, "7");
	assert_int_equal(node->items, 2);
	publish(f, node, "7", 5000);
	erase_all(f);
	assert_string_equal(all_ids(f, node), "1498 1499 7");
	assert_int_equal(get_node(f, SERVICE, "news")->items, 3);
}

static void test_a_purge_takes_all_items_at_once(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);
	uint64_t seq;

	ok(store_node_purge(f->txn, node));
	assert_int_equal(node->items, 0);
	assert_string_equal(all_ids(f, node), "");
	PAGE("", .limit = 9, .backward = true);
	PAGE("", .limit = 9, .after_seq = 10);
	assert_missing(f, node, "i2");
	assert_int_equal(store_item_del(f->txn, node, "i2"), PUBSUB_ERR_ITEM_NOT_FOUND);
	assert_int_equal(store_items_seek(f->txn, node, 0, &seq), PUBSUB_ERR_ITEM_NOT_FOUND);
	assert_int_equal(get_node(f, SERVICE, "news")->items, 0);
}

static void test_what_is_published_after_a_purge_is_new_and_survives_erasing(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);
	struct pubsub_item item = {.id = "i2", .published_us = 5}, found;
	bool replaced = true;

	ok(store_node_purge(f->txn, node));
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_false(replaced);
	assert_int_equal(item.created_us, 5);
	assert_int_equal(item.seq, 31);
	assert_string_equal(all_ids(f, node), "i2");
	erase_all(f);
	assert_string_equal(all_ids(f, node), "i2");
	ok(store_item_get(f->txn, node, "i2", &found));
	assert_int_equal(found.seq, 31);
	assert_int_equal(node->items, 1);
}

static void test_erasing_a_purged_node_leaves_only_what_is_new(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = node_with(f, 3);
	const char *purged, *line;

	ok(store_node_purge(f->txn, node));
	erase_all(f);
	purged = dump(f);
	for (line = purged; line != NULL; line = strchr(line + 1, '\n'))
		assert_null(strstr(line, "<i1/>"));
	ok(store_node_purge(f->txn, node)); /* nothing to do: nothing is left to erase */
	assert_string_equal(dump(f), purged);
}

static void test_a_node_tells_the_namespace_of_its_newest_payload(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item item = {.id = "a", .payload = "<a/>", .payload_len = 4};
	bool replaced;

	item.payload_ns = text_of(f, "urn:", 'x', 5000);
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_string_equal(get_node(f, SERVICE, "news")->payload_ns, item.payload_ns);
	item.payload_ns = "urn:b";
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_string_equal(get_node(f, SERVICE, "news")->payload_ns, "urn:b");
	item.payload_ns = NULL;
	item.payload = NULL;
	ok(store_item_put(f->txn, node, &item, &replaced));
	assert_string_equal(get_node(f, SERVICE, "news")->payload_ns, "urn:b");
}

/* Beside the counts the stat has what no operation tells yet: the bytes. */
static void test_the_books_are_the_same_whichever_way_the_items_went(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node;
	struct pubsub_texts trimmed;
	const char *expected;

	writing(f);
	node = make_node(f, SERVICE, "news");
	publish(f, node, "a", 50);
	ok(store_item_del(f->txn, node, "a"));
	expected = dump(f);
	aborting(f);
	writing(f);
	node = make_node(f, SERVICE, "news");
	publish(f, node, "long-id", 10);
	publish(f, node, "b", 20);
	publish(f, node, "c", 30);
	publish(f, node, "b", 50);
	ok(store_items_trim(f->txn, node, 1, f->arena, &trimmed));
	assert_int_equal(trimmed.n, 2);
	ok(store_item_del(f->txn, node, "b"));
	assert_string_equal(dump(f), expected);
}

static void test_a_purge_takes_the_bytes_off_the_books(void **state)
{
	struct fixture *f = *state;
	const char *expected;

	ok(store_node_purge(f->txn, node_with(f, 3)));
	erase_all(f);
	expected = dump(f);
	aborting(f);
	writing(f);
	publish(f, make_node(f, SERVICE, "news"), "of another size", 30);
	ok(store_node_purge(f->txn, get_node(f, SERVICE, "news")));
	erase_all(f);
	assert_string_equal(dump(f), expected);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_an_item_keeps_everything_it_was_given),
	cmocka_unit_test(test_what_an_item_has_not_stays_absent),
	cmocka_unit_test(test_a_large_payload_comes_back_as_it_was),
	cmocka_unit_test(test_ids_of_any_length_and_bytes_are_told_apart),
	cmocka_unit_test(test_publication_has_an_order_also_when_the_clock_goes_back),
	cmocka_unit_test(test_an_item_published_again_is_the_newest_and_keeps_its_creation),
	cmocka_unit_test(test_pages_of_items),
	cmocka_unit_test(test_a_page_ends_before_its_bytes_are_exceeded),
	cmocka_unit_test(test_items_of_the_neighbours_are_on_no_page),
	cmocka_unit_test(test_an_item_is_found_by_its_place),
	cmocka_unit_test(test_a_deleted_item_is_gone_and_counted_off),
	cmocka_unit_test(test_trimming_takes_the_oldest_and_names_them),
	cmocka_unit_test(test_many_trimmed_items_are_gone_at_once_and_erased_later),
	cmocka_unit_test(test_a_purge_takes_all_items_at_once),
	cmocka_unit_test(test_what_is_published_after_a_purge_is_new_and_survives_erasing),
	cmocka_unit_test(test_erasing_a_purged_node_leaves_only_what_is_new),
	cmocka_unit_test(test_a_node_tells_the_namespace_of_its_newest_payload),
	cmocka_unit_test(test_the_books_are_the_same_whichever_way_the_items_went),
	cmocka_unit_test(test_a_purge_takes_the_bytes_off_the_books),
};
const struct suite suite_items = {tests, ARRAY_COUNT(tests)};
