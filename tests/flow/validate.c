/* validate.c - libxml2 on the one side, one sentence on the other. */
#include "validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

/* Read once, kept to the end: compiling takes longer than all else. */
static xmlSchemaPtr schema;

static void close_schema(void)
{
	xmlSchemaFree(schema);
	xmlSchemaCleanupTypes();
	xmlCleanupParser();
}

static bool open_schema(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	xmlSchemaParserCtxtPtr parser;

	if (schema != NULL)
		return true;
	snprintf(path, sizeof path, "%s/schemas/peppy.xsd", srcdir != NULL ? srcdir : ".");
	parser = xmlSchemaNewParserCtxt(path);
	schema = parser != NULL ? xmlSchemaParse(parser) : NULL;
	xmlSchemaFreeParserCtxt(parser);
	if (schema != NULL)
		atexit(close_schema);
	return schema != NULL;
}

/* Keeps the first thing that is wrong: the others mostly follow from it. */
static void on_error(void *ctx, const xmlError *error)
{
	char **why = ctx;

	if (*why == NULL && error->message != NULL) {
		*why = strdup(error->message);
		(*why)[strcspn(*why, "\n")] = '\0';
	}
}

static bool validate_document(xmlDocPtr document, char **why_out)
{
	xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
	int result;

	xmlSchemaSetValidStructuredErrors(validator, (xmlStructuredErrorFunc)on_error, why_out);
	result = xmlSchemaValidateDoc(validator, document);
	xmlSchemaFreeValidCtxt(validator);
	return result == 0;
}

bool validate_stanza(const char *xml, size_t len, char **why_out)
{
	xmlDocPtr document;
	bool valid = false;

	*why_out = NULL;
	if (!open_schema()) {
		*why_out = strdup("schemas/peppy.xsd cannot be read");
		return false;
	}
	document = xmlReadMemory(xml, (int)len, "stanza", NULL,
		XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (document != NULL)
		valid = validate_document(document, why_out);
	xmlFreeDoc(document);
	if (!valid && *why_out == NULL)
		*why_out = strdup(document == NULL ? "not well-formed" : "not valid");
	return valid;
}
