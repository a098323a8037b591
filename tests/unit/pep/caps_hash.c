/* The hash inputs of XEP-0115 5 and XEP-0390 4, with their own examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pep/caps_hash.h"
#include "peppy/array.h"
#include "peppy/codec.h"

static int setup(void **state)
{
	*state = arena_create();
	return 0;
}

static int teardown(void **state)
{
	arena_destroy(*state);
	return 0;
}

static const struct xml_element *parse(struct arena *arena, const char *xml)
{
	static const struct xml_limits unlimited = {0};
	struct xml_stanza stanza;

	assert_true(xml_document_parse(&unlimited, xml, strlen(xml), arena, &stanza));
	return stanza.root;
}

static const char *ver(struct arena *arena, const char *children)
{
	return caps_hash_ver(
		parse(arena, arena_printf(arena, "<query xmlns='" NS_DISCO_INFO "'>%s</query>",
				     children)),
		"sha-1", arena);
}

/* ---- XEP-0115 ---- */

static void test_the_simple_example_of_xep_0115_5_2(void **state)
{
	assert_string_equal(
		ver(*state, "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
			    "<feature var='http://jabber.org/protocol/disco#items'/>"
			    "<feature var='http://jabber.org/protocol/muc'/>"
			    "<feature var='http://jabber.org/protocol/disco#info'/>"
			    "<feature var='http://jabber.org/protocol/caps'/>"),
		"QgayPKawpkPSDYmwT/WM94uAlu0=");
}

#define PSI                                                                                        \
	"<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"                    \
	"<identity xml:lang='el' category='client' name='\xce\xa8 0.11' type='pc'/>"               \
	"<feature var='http://jabber.org/protocol/caps'/>"                                         \
	"<feature var='http://jabber.org/protocol/disco#info'/>"                                   \
	"<feature var='http://jabber.org/protocol/disco#items'/>"                                  \
	"<feature var='http://jabber.org/protocol/muc'/>"
#define PSI_FORM                                                                                   \
	"<x xmlns='jabber:x:data' type='result'>"                                                  \
	"<field var='FORM_TYPE' type='hidden'>"                                                    \
	"<value>urn:xmpp:dataforms:softwareinfo</value></field>"                                   \
	"<field var='software'><value>Psi</value></field>"                                         \
	"<field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>" \
	"<field var='os'><value>Mac</value></field>"                                               \
	"<field var='software_version'><value>0.11</value></field>"                                \
	"<field var='os_version'><value>10.5.1</value></field></x>"
#define PSI_VER "q07IKJEyjvHSyhy//CH0CxmKi8w="

static void test_the_complex_example_of_xep_0115_5_3(void **state)
{
	assert_string_equal(ver(*state, PSI PSI_FORM), PSI_VER);
}

static void test_the_language_of_the_iq_is_not_that_of_an_identity(void **state)
{
	static const char tune[] =
		"<iq xmlns='jabber:component:accept' xml:lang='en' type='result'>"
		"<query xmlns='http://jabber.org/protocol/disco#info'>"
		"<identity category='client' type='bot'/>"
		"<feature var='http://jabber.org/protocol/tune+notify'/>"
		"<feature var='http://jabber.org/protocol/disco#info'/>"
		"<feature var='jabber:x:data'/>"
		"<feature var='http://jabber.org/protocol/caps'/></query></iq>";

	assert_string_equal(caps_hash_ver(parse(*state, tune)->first, "sha-1", *state),
		"rOm2o/HX3RFkgE/uCndVC0kPoPU=");
}

/* 'a1' and 'a' sort differently when '<' is behind them. */
static void test_fields_are_sorted_by_their_names_not_by_their_values(void **state)
{
	assert_string_equal(
		ver(*state, "<x xmlns='jabber:x:data' type='result'>"
			    "<field var='FORM_TYPE' type='hidden'><value>f</value></field>"
			    "<field var='a1'><value>1</value></field>"
			    "<field var='a'><value>2</value></field></x>"),
		"ksmYpyXwtH+6Klebv2nmUc4R77M=");
}

static void test_identities_are_sorted_part_by_part(void **state)
{
	assert_string_equal(ver(*state, "<identity category='a' type='b-c'/>"
					"<identity category='a' type='b'/>"
					"<identity category='a-b' type='b'/>"),
		"b3q8jF9RZcAvE5VNDQ8OVJBKoCk=");
}

static void test_forms_are_sorted_by_their_types(void **state)
{
	assert_string_equal(
		ver(*state, "<x xmlns='jabber:x:data' type='result'>"
			    "<field var='FORM_TYPE' type='hidden'><value>f1</value></field></x>"
			    "<x xmlns='jabber:x:data' type='result'>"
			    "<field var='FORM_TYPE' type='hidden'><value>f</value></field></x>"),
		"j+FeyUCiF6Rfo1e7HDjUka4l/j8=");
}

static void test_a_form_without_a_hidden_type_does_not_count(void **state)
{
	assert_string_equal(
		ver(*state, PSI PSI_FORM "<x xmlns='jabber:x:data' type='result'><field "
					 "var='a'><value>b</value></field></x>"),
		PSI_VER);
	assert_string_equal(ver(*state, PSI PSI_FORM
				    "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'>"
				    "<value>g</value></field></x>"),
		PSI_VER);
}

static void test_ill_formed_answers_have_no_ver(void **state)
{
	static const char *const wrong[] = {
		/* an identity twice, a feature twice, a form type twice, two types of one form */
		PSI "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>",
		PSI "<feature var='http://jabber.org/protocol/muc'/>",
		(PSI PSI_FORM "<x xmlns='jabber:x:data' type='result'>"
			      "<field var='FORM_TYPE' type='hidden'>"
			      "<value>urn:xmpp:dataforms:softwareinfo</value></field></x>"),
		"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
		"<value>f</value><value>g</value></field></x>",
	};

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_null(ver(*state, wrong[i]));
}

static void test_a_bracket_cannot_make_one_answer_pass_for_another(void **state)
{
	const char *honest = ver(*state, "<feature var='a'/><feature var='b'/>");

	assert_non_null(honest);
	assert_null(ver(*state, "<feature var='a&lt;b'/>"));
	assert_null(ver(*state, "<identity category='a' type='b' name='c&lt;d'/>"));
	assert_null(ver(*state, "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
				"<value>f&lt;g</value></field></x>"));
}

/* All that is hashed is written in a row, so these have the honest set's text: features at its end
 * make a form, those at its front an identity. */
static void test_features_disguised_as_something_else_have_no_ver(void **state)
{
	assert_non_null(ver(*state, "<identity category='client' type='pc'/>"
				    "<feature var='http://jabber.org/protocol/tune+notify'/>"
				    "<feature var='urn:xmpp:avatar:metadata+notify'/>"
				    "<feature var='urn:xmpp:mood+notify'/>"));
	assert_null(ver(*state, "<identity category='client' type='pc'/>"
				"<feature var='http://jabber.org/protocol/tune+notify'/>"
				"<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
				"<value>urn:xmpp:avatar:metadata+notify</value></field>"
				"<field var='urn:xmpp:mood+notify'/></x>"));
	assert_null(ver(*state, "<identity category='client' type='pc'/>"
				"<feature var='http://jabber.org/protocol/tune+notify'/>"
				"<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
				"<value>urn:xmpp:avatar:metadata</value></field>"
				"<field var='a'><value>urn:xmpp:mood+notify</value></field></x>"));
	assert_null(ver(*state, "<identity category='client' type='pc'/>"
				"<identity category='http:' type='' xml:lang='jabber.org' "
				"name='protocol/tune+notify'/>"
				"<feature var='urn:xmpp:avatar:metadata+notify'/>"
				"<feature var='urn:xmpp:mood+notify'/>"));
}

/* ---- XEP-0390 ---- */

#define BOMBUS                                                                                     \
	"<identity category='client' name='BombusMod' type='mobile'/>"                             \
	"<feature var='http://jabber.org/protocol/si'/>"                                           \
	"<feature var='http://jabber.org/protocol/bytestreams'/>"                                  \
	"<feature var='http://jabber.org/protocol/chatstates'/>"                                   \
	"<feature var='http://jabber.org/protocol/disco#info'/>"                                   \
	"<feature var='http://jabber.org/protocol/disco#items'/>"                                  \
	"<feature var='urn:xmpp:ping'/><feature var='jabber:iq:time'/>"                            \
	"<feature var='jabber:iq:privacy'/><feature var='jabber:iq:version'/>"                     \
	"<feature var='http://jabber.org/protocol/rosterx'/>"                                      \
	"<feature var='urn:xmpp:time'/><feature var='jabber:x:oob'/>"                              \
	"<feature var='http://jabber.org/protocol/ibb'/>"                                          \
	"<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"                     \
	"<feature var='urn:xmpp:receipts'/><feature var='jabber:iq:roster'/>"                      \
	"<feature var='jabber:iq:last'/>"
#define QUERY(children) "<query xmlns='http://jabber.org/protocol/disco#info'>" children "</query>"

static void test_the_simple_example_of_xep_0390_4_5_1(void **state)
{
	const struct xml_element *query = parse(*state, QUERY(BOMBUS));

	assert_true(caps_hash_matches(
		"urn:xmpp:caps#sha-256.kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=", query,
		*state));
	assert_true(caps_hash_matches(
		"urn:xmpp:caps#sha3-256.79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=", query,
		*state));
	assert_false(caps_hash_matches(
		"urn:xmpp:caps#sha-512.kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=", query,
		*state));
}

#define TKABBER                                                                                    \
	"<identity category='client' name='Tkabber' type='pc' xml:lang='en'/>"                     \
	"<identity category='client' "                                                             \
	"name='\xd0\xa2\xd0\xba\xd0\xb0\xd0\xb1\xd0\xb1\xd0\xb5\xd1\x80' type='pc' "               \
	"xml:lang='ru'/>"                                                                          \
	"<feature var='games:board'/>"                                                             \
	"<feature var='http://jabber.org/protocol/activity'/>"                                     \
	"<feature var='http://jabber.org/protocol/activity+notify'/>"                              \
	"<feature var='http://jabber.org/protocol/bytestreams'/>"                                  \
	"<feature var='http://jabber.org/protocol/chatstates'/>"                                   \
	"<feature var='http://jabber.org/protocol/commands'/>"                                     \
	"<feature var='http://jabber.org/protocol/disco#info'/>"                                   \
	"<feature var='http://jabber.org/protocol/disco#items'/>"                                  \
	"<feature var='http://jabber.org/protocol/evil'/>"                                         \
	"<feature var='http://jabber.org/protocol/feature-neg'/>"                                  \
	"<feature var='http://jabber.org/protocol/geoloc'/>"                                       \
	"<feature var='http://jabber.org/protocol/geoloc+notify'/>"                                \
	"<feature var='http://jabber.org/protocol/ibb'/>"                                          \
	"<feature var='http://jabber.org/protocol/iqibb'/>"                                        \
	"<feature var='http://jabber.org/protocol/mood'/>"                                         \
	"<feature var='http://jabber.org/protocol/mood+notify'/>"                                  \
	"<feature var='http://jabber.org/protocol/rosterx'/>"                                      \
	"<feature var='http://jabber.org/protocol/si'/>"                                           \
	"<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"                     \
	"<feature var='http://jabber.org/protocol/tune'/>"                                         \
	"<feature var='http://www.facebook.com/xmpp/messages'/>"                                   \
	"<feature var='http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify'/>"         \
	"<feature var='jabber:iq:avatar'/><feature var='jabber:iq:browse'/>"                       \
	"<feature var='jabber:iq:dtcp'/><feature var='jabber:iq:filexfer'/>"                       \
	"<feature var='jabber:iq:ibb'/><feature var='jabber:iq:inband'/>"                          \
	"<feature var='jabber:iq:jidlink'/><feature var='jabber:iq:last'/>"                        \
	"<feature var='jabber:iq:oob'/><feature var='jabber:iq:privacy'/>"                         \
	"<feature var='jabber:iq:roster'/><feature var='jabber:iq:time'/>"                         \
	"<feature var='jabber:iq:version'/><feature var='jabber:x:data'/>"                         \
	"<feature var='jabber:x:event'/><feature var='jabber:x:oob'/>"                             \
	"<feature var='urn:xmpp:avatar:metadata+notify'/><feature var='urn:xmpp:ping'/>"           \
	"<feature var='urn:xmpp:receipts'/><feature var='urn:xmpp:time'/>"                         \
	"<x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'>"             \
	"<value>urn:xmpp:dataforms:softwareinfo</value></field><field var='software'>"             \
	"<value>Tkabber</value></field><field var='software_version'>"                             \
	"<value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)</value></field><field var='os'>"            \
	"<value>Windows</value></field><field var='os_version'><value>XP</value>"                  \
	"</field></x>"

static void test_the_complex_example_of_xep_0390_4_5_2(void **state)
{
	const struct xml_element *query = parse(*state, QUERY(TKABBER));

	assert_true(caps_hash_matches(
		"urn:xmpp:caps#sha-256.u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=", query,
		*state));
	assert_true(caps_hash_matches(
		"urn:xmpp:caps#sha3-256.XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=", query,
		*state));
}

static void test_a_hash_made_without_the_language_of_the_server_matches(void **state)
{
	static const char xml[] =
		"<iq xmlns='jabber:component:accept' xml:lang='en' type='result'>" QUERY(
			BOMBUS) "</iq>";

	assert_true(caps_hash_matches(
		"urn:xmpp:caps#sha-256.kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=",
		parse(*state, xml)->first, *state));
}

static void test_what_xep_0390_does_not_allow_has_no_hash(void **state)
{
	static const char *const wrong[] = {
		QUERY("<feature var='a'/><other xmlns='urn:other'/>"),
		QUERY("<x xmlns='jabber:x:data'><field var='a'/></x>"),
		QUERY("<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
		      "<value>f</value></field><reported/></x>"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_null(caps_hash_value(parse(*state, wrong[i]), "sha-256", false, *state));
}

static void test_hashes_that_can_be_collided_are_not_known(void **state)
{
	(void)state;
	assert_true(caps_hash_is_known("sha-1"));
	assert_true(caps_hash_is_known("sha3-512"));
	assert_false(caps_hash_is_known("md5"));
	assert_false(caps_hash_is_known("rot13"));
	assert_false(caps_hash_is_known(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_simple_example_of_xep_0115_5_2),
		cmocka_unit_test(test_the_complex_example_of_xep_0115_5_3),
		cmocka_unit_test(test_the_language_of_the_iq_is_not_that_of_an_identity),
		cmocka_unit_test(test_fields_are_sorted_by_their_names_not_by_their_values),
		cmocka_unit_test(test_identities_are_sorted_part_by_part),
		cmocka_unit_test(test_forms_are_sorted_by_their_types),
		cmocka_unit_test(test_a_form_without_a_hidden_type_does_not_count),
		cmocka_unit_test(test_ill_formed_answers_have_no_ver),
		cmocka_unit_test(test_a_bracket_cannot_make_one_answer_pass_for_another),
		cmocka_unit_test(test_features_disguised_as_something_else_have_no_ver),
		cmocka_unit_test(test_the_simple_example_of_xep_0390_4_5_1),
		cmocka_unit_test(test_the_complex_example_of_xep_0390_4_5_2),
		cmocka_unit_test(test_a_hash_made_without_the_language_of_the_server_matches),
		cmocka_unit_test(test_what_xep_0390_does_not_allow_has_no_hash),
		cmocka_unit_test(test_hashes_that_can_be_collided_are_not_known),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
