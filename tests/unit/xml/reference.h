/* reference.h - expat with its own processing of namespaces, beside src/xml, which must come to the
 * same. */
#ifndef XML_REFERENCE_H
#define XML_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* That xml_parser finds the same names in what follows HEADER as expat, and breaks off where expat
 * does. Whether it is well-formed. */
bool check_stream_names(const char *stream, size_t len);

/* The same of a document, xml_document_parse and xml_reader. */
bool check_document_names(const char *document, size_t len);

/* Why a document is not well-formed, in words of expat; NULL: it is. */
const char *reference_reason(const char *document);
const char *reader_reason(const char *document);

#endif
