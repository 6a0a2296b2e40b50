/*
 * doc.h - filling in a JSON document whose members are named by paths.
 *
 * The command line is turned into the documents of the Docker Engine API, and
 * the option tables name their destinations in them: "HostConfig.Memory" is
 * member Memory of the object that is member HostConfig (RFC 8259; jansson
 * holds the document).
 *
 *     json_t *doc = json_object();
 *     doc_set(doc, "HostConfig.Memory", json_integer(64 << 20));
 *     doc_append(doc, "Env", json_string("A=1"));
 *     doc_put(doc, "Labels", "com.example.who", json_string("me"));
 *     json_decref(doc);
 *
 * Objects and arrays on the way are made as needed. A value that is passed in
 * belongs to the document from then on. Reading is the engine's field.h. JSON
 * is UTF-8 and so are the strings here: option.h refuses others before they
 * arrive. Needs nothing; not for two threads.
 */
#ifndef DOC_H
#define DOC_H

#include <jansson.h>

#define auto_doc __attribute__((cleanup(doc_done)))
void doc_done(json_t **doc);

/* Replace the value at `path`. */
void doc_set(json_t *doc, const char *path, json_t *value);
/* Add to the array at `path`. */
void doc_append(json_t *doc, const char *path, json_t *value);
/* Set a member, whose name may hold dots, of the object at `path`. */
void doc_put(json_t *doc, const char *path, const char *key, json_t *value);
/* Take the value at `path` out; the caller json_decref()s. NULL: not there. */
json_t *doc_take(json_t *doc, const char *path);

#endif
