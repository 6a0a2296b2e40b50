#include "doc.h"

#include <string.h>

void doc_done(json_t **doc)
{
    json_decref(*doc);
    *doc = NULL;
}

/* One name of a path, ready for jansson. */
struct step {
    char name[64];
    const char *rest; /* the path after it, or NULL at the end */
};

static struct step step_of(const char *path)
{
    struct step step = {.rest = strchr(path, '.')};
    size_t len = step.rest == NULL ? strlen(path) : (size_t)(step.rest - path);
    if (len >= sizeof step.name)
        len = sizeof step.name - 1;
    memcpy(step.name, path, len);
    if (step.rest != NULL)
        step.rest++;
    return step;
}

/* The object that holds the last name of `path`, which goes into `last`.
 * Objects that are missing are made. */
static json_t *parent_of(json_t *doc, const char *path, struct step *last)
{
    for (*last = step_of(path); last->rest != NULL;
         *last = step_of(last->rest)) {
        json_t *next = json_object_get(doc, last->name);
        if (next == NULL) {
            next = json_object();
            json_object_set_new(doc, last->name, next);
        }
        doc = next;
    }
    return doc;
}

/* The value at `path`; where there is none, `fresh` is put there. */
static json_t *find_or_put(json_t *doc, const char *path, json_t *fresh)
{
    struct step last;
    json_t *parent = parent_of(doc, path, &last);
    json_t *there = json_object_get(parent, last.name);
    if (there == NULL) {
        json_object_set_new(parent, last.name, fresh);
        return fresh;
    }
    json_decref(fresh);
    return there;
}

void doc_set(json_t *doc, const char *path, json_t *value)
{
    struct step last;
    json_t *parent = parent_of(doc, path, &last);
    json_object_set_new(parent, last.name, value);
}

void doc_append(json_t *doc, const char *path, json_t *value)
{
    json_array_append_new(find_or_put(doc, path, json_array()), value);
}

void doc_put(json_t *doc, const char *path, const char *key, json_t *value)
{
    json_object_set_new(find_or_put(doc, path, json_object()), key, value);
}

json_t *doc_take(json_t *doc, const char *path)
{
    struct step step = step_of(path);
    for (; step.rest != NULL; step = step_of(step.rest))
        doc = json_object_get(doc, step.name);
    json_t *value = json_incref(json_object_get(doc, step.name));
    json_object_del(doc, step.name);
    return value;
}
