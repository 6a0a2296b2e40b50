/*
 * test_oci.h - config.json for tests: a small one with one member changed.
 *
 *     accept(&config, "process.cwd", "\"/\"");   // fails the test if refused
 *     refuse("process.cwd", "7", "process.cwd: expected a string");
 *
 * Paths are dotted, values are JSON text; objects on the way are made.
 */
#ifndef TEST_OCI_H
#define TEST_OCI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small, and with everything in it that a member may be put below. */
static const char base[] =
    "{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"rootfs\"},"
    " \"process\": {\"cwd\": \"/\", \"args\": [\"sh\"], \"user\": {\"uid\": 0, "
    "\"gid\": 0}},"
    " \"linux\": {\"resources\": {}}}";

/* The base with `value` at `path`, both as text: "process.cwd". */
static char *config_with(const char *path, const char *value)
{
    json_t *doc = json_loads(base, 0, NULL);
    json_t *object = doc;
    const char *rest = path;
    for (const char *dot; (dot = strchr(rest, '.')) != NULL; rest = dot + 1) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)(dot - rest), rest);
        if (json_object_get(object, key) == NULL)
            json_object_set_new(object, key, json_object());
        object = json_object_get(object, key);
    }
    json_object_set_new(object, rest, json_string("@"));
    char *text = json_dumps(doc, 0);
    json_decref(doc);
    /* By hand, so that the value may be what jansson would not write. */
    char *mark = strstr(text, "\"@\"");
    assert_non_null(mark);
    char *whole = NULL;
    assert_true(asprintf(&whole, "%.*s%s%s", (int)(mark - text), text, value,
                         mark + 3) > 0);
    free(text);
    return whole;
}

static int parse(struct oci_config *ret, const char *path, const char *value,
                 struct err *e)
{
    char *text = config_with(path, value);
    int r = oci_config_parse(ret, text, strlen(text), "config.json", e);
    free(text);
    return r;
}

static inline void accept(struct oci_config *ret, const char *path,
                          const char *value)
{
    struct err e = {0};
    if (parse(ret, path, value, &e) < 0)
        fail_msg("%s = %s is refused: %s", path, value, e.msg);
}

static inline void refuse(const char *path, const char *value,
                          const char *message)
{
    struct oci_config config = OCI_CONFIG_INIT;
    struct err e = {0};
    char whole[400];
    snprintf(whole, sizeof whole, "config.json: %s", message);
    if (parse(&config, path, value, &e) == 0)
        fail_msg("%s = %s is accepted", path, value);
    assert_string_equal(e.msg, whole);
    oci_config_done(&config);
}

#endif
