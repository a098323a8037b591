/* Requests are held against their rows before anything runs. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "control/call.h"

static void test_every_command_has_a_name_of_its_own_and_a_function(void **state)
{
	const struct command *command;

	(void)state;
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		assert_ptr_equal(command_find(command->name), command);
		assert_non_null(command->run);
	}
}

static void test_every_argument_has_a_name_that_no_other_of_its_command_has(void **state)
{
	const struct command *command;

	(void)state;
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		for (size_t a = 0; a < ARGS_MAX && command->args[a].type != ARG_NONE; a++)
			for (size_t b = 0; b < a; b++)
				assert_string_not_equal(
					command->args[a].name, command->args[b].name);
}

static void test_what_is_not_a_request_is_refused(void **state)
{
	assert_answer(*state, "junk",
		"{'error':'not JSON: '[' or '{' expected near 'junk'','code':'usage'}");
	assert_answer(
		*state, "[]", "{'error':'a request is an object with a 'command'','code':'usage'}");
	assert_answer(*state, "{'command': 7}",
		"{'error':'a request is an object with a 'command'','code':'usage'}");
	assert_answer(*state, "{'command':'fly'}",
		"{'error':'there is no command 'fly'','code':'usage'}");
	assert_answer(*state, "{'command':'log','command':'reload'}",
		"{'error':'not JSON: duplicate object key near '\\'command\\''','code':'usage'}");
}

static void test_a_quotation_cut_within_a_character_is_shown_in_ascii(void **state)
{
	char name[120] = {0}, request[160], answer[200];

	memset(name, 'a', 99); /* of a hundred bytes that are quoted */
	snprintf(request, sizeof request, "{'command':'%s\u00e9'}", name);
	snprintf(answer, sizeof answer, "{'error':'there is no command '%s?'','code':'usage'}",
		name);
	assert_answer(*state, request, answer);
}

static void test_an_argument_must_be_one_of_the_command(void **state)
{
	assert_answer(*state, "{'command':'reload','node':'a'}",
		"{'error':'reload does not take 'node'','code':'usage'}");
	assert_int_equal(((struct rig *)*state)->reloads, 0);
}

static void test_an_argument_must_be_there_if_it_is_needed(void **state)
{
	assert_answer(*state, "{'command':'nodes show'}",
		"{'error':'nodes show needs 'node'','code':'usage'}");
}

static void test_an_argument_must_be_of_its_type(void **state)
{
	assert_answer(*state, "{'command':'nodes list','limit':-1}",
		"{'error':''limit' must be a number that is not negative','code':'usage'}");
	assert_answer(*state, "{'command':'nodes list','limit':'7'}",
		"{'error':''limit' must be a number that is not negative','code':'usage'}");
	assert_answer(*state, "{'command':'nodes list','service':'@'}",
		"{'error':''service' must be a JID','code':'usage'}");
	assert_answer(*state, "{'command':'nodes create','node':'a','config':[]}",
		"{'error':''config' must be an object','code':'usage'}");
	assert_answer(*state, "{'command':'items retract','node':'a','item':'1','notify':1}",
		"{'error':''notify' must be true or false','code':'usage'}");
}

static void test_a_text_must_fit_into_xml(void **state)
{
	const char *error = "{'error':''node' must be a text that is not empty, of characters "
			    "that XML can carry','code':'usage'}";

	assert_answer(*state, "{'command':'nodes create','node':''}", error);
	assert_answer(*state, "{'command':'nodes create','node':'a\\u0001'}", error);
}

static void test_a_service_must_be_served_here(void **state)
{
	assert_answer(*state, "{'command':'nodes list','service':'pubsub.verona.lit'}",
		"{'error':'pubsub.verona.lit is not a service here','code':'refused'}");
}

static void test_of_several_components_one_has_to_be_named(void **state)
{
	struct rig *rig = *state;

	rig->two_components = true;
	assert_answer(rig, "{'command':'nodes list'}",
		"{'error':'there are several components: 'service' must name one',"
		"'code':'usage'}");
	assert_answer(rig, "{'command':'nodes list','service':'Rooms.Denmark.lit'}",
		"{'result':{'nodes':[]}}");
}

static void test_a_store_that_fails_is_not_a_refusal(void **state)
{
	struct rig *rig = *state;

	rig->store_error = PUBSUB_ERR_STORE_FULL;
	assert_answer(rig, "{'command':'nodes create','node':'a'}",
		"{'error':'store is full','code':'failed'}");
	rig->store_error = PUBSUB_OK;
	assert_answer(rig, "{'command':'nodes list'}", "{'result':{'nodes':[]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_has_a_name_of_its_own_and_a_function),
		cmocka_unit_test(test_every_argument_has_a_name_that_no_other_of_its_command_has),
		RIG_TEST(test_what_is_not_a_request_is_refused),
		RIG_TEST(test_a_quotation_cut_within_a_character_is_shown_in_ascii),
		RIG_TEST(test_an_argument_must_be_one_of_the_command),
		RIG_TEST(test_an_argument_must_be_there_if_it_is_needed),
		RIG_TEST(test_an_argument_must_be_of_its_type),
		RIG_TEST(test_a_text_must_fit_into_xml),
		RIG_TEST(test_a_service_must_be_served_here),
		RIG_TEST(test_of_several_components_one_has_to_be_named),
		RIG_TEST(test_a_store_that_fails_is_not_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
