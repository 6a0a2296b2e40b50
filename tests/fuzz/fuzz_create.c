/* The body of POST /containers/create (chapter 14), up to what a container
 * would be made of (13): its shape, what may not be asked for, its document
 * with its networks, its plan. */
// WRAP files_replace filter_get files_open_in network_load
#include "engine_check.h"
#include "field.h"
#include "fuzz_plan.h"
#include "network.h"
#include "shape.h"
#include "wiring.h"

#include <errno.h>

/* Two networks: the default one, and one of the user's with a subnet; no others
 * are there. */
int __wrap_network_load(struct engine *engine, const char *name, json_t **ret,
                        struct err *e)
{
    (void)engine;
    if (strcmp(name, "bridge") != 0 && strcmp(name, "made") != 0)
        return err_set(e, ENOENT, "network %.64s not found", name);
    *ret =
        json_pack("{s:s, s:s, s:s, s:{s:[{s:s, s:s}]}, s:{}}", "Name", name,
                  "Id", FUZZ_ID, "Driver", "bridge", "IPAM", "Config", "Subnet",
                  "172.29.0.0/16", "Gateway", "172.29.0.1", "Options");
    return 0;
}

static const struct image image = {
    .id = "sha256:" FUZZ_ID,
    .layers = {.v = (char *[]){(char[]){"/"}}, .n = 1}
};

/* What plan.c takes for granted of a document. */
static void plan_it(const json_t *body)
{
    struct engine engine = FUZZ_ENGINE;
    struct err e = {0};
    json_auto_t *doc = plan_document(body, &image, FUZZ_ID, "name");
    fuzz_must(doc != NULL);
    int r = wiring_document(&engine, doc, body, &e);
    fuzz_must_say(r, &e);
    if (r == 0)
        fuzz_plan(&engine, &image, doc);
    auto_free char *written = json_dumps(doc, JSON_COMPACT);
    fuzz_must(written != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *body = json_loadb((const char *)data, size, 0, NULL);
    struct err e = {0}, why = {0};
    int r = shape_check(body, shape_container, &e);
    fuzz_must_say(r, &e);
    if (r < 0)
        return 0;
    r = engine_check_request(body, &why);
    fuzz_must_say(r, &why);
    fuzz_passwd = (char[]){"ada:x:1000:1000:Ada:/:/bin/sh\nstaff:x:50:ada\n"};
    if (r == 0)
        plan_it(body);
    return 0;
}
