/* A well-formed text as a tree, for tests that look at what a program wrote. */
#ifndef QOSIM_TESTS_REGRESS_XML_TREE_H
#define QOSIM_TESTS_REGRESS_XML_TREE_H

#include <glib.h>

typedef struct XmlNode {
    char *name;
    GHashTable *attributes; /* of char *, by name */
    GString *text;          /* of the node and all below it, in order */
    GPtrArray *children;    /* XmlNode, owned */
} XmlNode;

/* The root, which the caller frees. Fails the test when @text is not well-formed, or has a character that XML 1.0 forbids. */
XmlNode *xml_parse(const char *text);
void xml_free(XmlNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XmlNode, xml_free)

/* NULL when there is none. */
const char *xml_attribute(const XmlNode *node, const char *name);

/* The first one in order, @node or below it, with this id, or this name; NULL when there is none. */
XmlNode *xml_by_id(XmlNode *node, const char *id);
XmlNode *xml_by_name(XmlNode *node, const char *name);

/* How many there are of this name, @node or below it; with the attribute, if @attribute is not NULL. */
unsigned xml_count(const XmlNode *node, const char *name, const char *attribute, const char *value);

/* Text of column @column in row @row of a table, both from 0, the head being row 0. Fails the test when there is none. */
const char *xml_table_cell(XmlNode *table, unsigned row, unsigned column);

/* Calls @look with every node. */
void xml_foreach(const XmlNode *node, void (*look)(const XmlNode *node, void *opaque),
                 void *opaque);

#endif
