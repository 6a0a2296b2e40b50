/* The JSON bodies of requests (chapter 14): of the types that their tables
 * name, or words; and what the engine then looks at (13). */
#include "engine_check.h"
#include "fuzz.h"
#include "shape.h"
#include "volume.h"

#include <jansson.h>

static const struct shape *const tables[] = {
    shape_container, shape_update,  shape_exec,   shape_exec_start,
    shape_network,   shape_connect, shape_volume,
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* No member that is null is left, however deep. */
static bool has_null(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach(value, key, member)
    {
        if (json_is_null(member) || has_null(member))
            return true;
    }
    json_array_foreach(value, i, member)
    {
        if (has_null(member))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t which = data[0] % TABLES;
    json_auto_t *doc = json_loadb((const char *)data + 1, size - 1, 0, NULL);
    struct err e = {0}, why = {0};
    int r = shape_check(doc, tables[which], &e);
    fuzz_must_say(r, &e);
    if (r < 0)
        return 0;
    fuzz_must(json_is_object(doc));
    fuzz_must(shape_check(doc, tables[which], NULL) == 0);
    if (tables[which] == shape_container)
        fuzz_must_say(engine_check_request(doc, &why), &why);
    if (tables[which] == shape_volume)
        fuzz_must_say(volume_check(doc, &why), &why);
    fuzz_must(!has_null(doc));
    return 0;
}
