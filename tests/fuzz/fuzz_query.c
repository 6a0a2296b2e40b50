/* What stands behind the ? of a request, and the filters of all lists (chapter
 * 14): "name=value" words, or words for what is wrong. */
#include "container_filter.h"
#include "event_filter.h"
#include "fuzz.h"
#include "network_filter.h"
#include "prune_filter.h"
#include "query.h"
#include "search_filter.h"
#include "volume_filter.h"

static void check_filters(const struct strv *said)
{
    static int (*const checks[])(const struct strv *, struct err *) = {
        container_filter_check, event_filter_check,  network_filter_check,
        search_filter_check,    volume_filter_check,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct err e = {0};
        fuzz_must_say(checks[i](said, &e), &e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *target = fuzz_part(&in), *filters = fuzz_part(&in);
    auto_query struct query query = {0};
    auto_strv struct strv said = {0}, values = {0};
    struct err e = {0};
    int64_t number = 0;
    query_parse(&query, target);
    fuzz_must(query.path != NULL);
    for (size_t i = 0; i < query.pairs.n; i++)
        fuzz_must(strchr(query.pairs.v[i], '=') != NULL);
    query_all(&query, "limit", &values);
    fuzz_must((values.n > 0) == (query_get(&query, "limit") != NULL));
    query_bool(&query, "all");
    fuzz_must_say(query_int(&query, "limit", 0, &number, &e), &e);
    strv_addf(&query.pairs, "filters=%s", filters);
    struct err why = {0};
    int r = query_filters(&query, &said, &why);
    fuzz_must_say(r, &why);
    if (r == 0)
        check_filters(&said);
    struct prune_filter prune = {.all = false};
    for (size_t i = 0; i < said.n; i++)
        strv_add(&prune.said, said.v[i]);
    static int (*const prunes[])(const struct prune_filter *, struct err *) = {
        prune_filter_check, prune_filter_check_volumes,
        prune_filter_check_builds};
    for (size_t i = 0; i < sizeof prunes / sizeof prunes[0]; i++) {
        struct err no = {0};
        fuzz_must_say(prunes[i](&prune, &no), &no);
    }
    strv_done(&prune.said);
    return 0;
}
