/* element.c - questions to a tree. */
#include <string.h>

#include "peppy/xml.h"
#include "xml/tree.h"

const char *xml_attr(const struct xml_element *el, const char *name)
{
	return xml_attr_ns(el, "", name);
}

const char *xml_attr_ns(const struct xml_element *el, const char *ns, const char *name)
{
	const struct xml_attr *attr;

	for (attr = el->attrs; attr != NULL; attr = attr->next)
		if (strcmp(attr->name, name) == 0 && strcmp(attr->ns, ns) == 0)
			return attr->value;
	return NULL;
}

bool xml_attr_is(const struct xml_element *el, const char *name, const char *value)
{
	const char *found = xml_attr(el, name);

	return found != NULL && strcmp(found, value) == 0;
}

bool xml_is(const struct xml_element *el, const char *ns, const char *name)
{
	return strcmp(el->name, name) == 0 && strcmp(el->ns, ns) == 0;
}

static const struct xml_element *first_such(
	const struct xml_element *el, const char *ns, const char *name)
{
	while (el != NULL && !xml_is(el, ns, name))
		el = el->next;
	return el;
}

const struct xml_element *xml_child(const struct xml_element *el, const char *ns, const char *name)
{
	return first_such(el->first, ns, name);
}

const struct xml_element *xml_next(const struct xml_element *el, const char *ns, const char *name)
{
	return first_such(el->next, ns, name);
}

const char *xml_lang(const struct xml_element *el)
{
	const char *lang;

	for (; el != NULL; el = el->parent) {
		lang = xml_attr_ns(el, XML_NS, "lang");
		if (lang != NULL)
			return lang[0] != '\0' ? lang : NULL;
	}
	return NULL;
}
