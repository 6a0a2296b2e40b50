/* config.json of a bundle (chapter 06): a spec that can be begun, or words that
 * name the member. The same for the two documents of exec and update. */
#include "fuzz.h"
#include "oci.h"

static void read_config(const char *text, size_t len)
{
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    struct err e = {0};
    int r = oci_config_parse(&config, text, len, "config.json", &e);
    fuzz_must_say(r, &e);
    if (r < 0) {
        fuzz_must(text_starts(e.msg, "config.json: "));
        return;
    }
    /* What follows relies on these. */
    fuzz_must(config.doc != NULL && config.spec.root.path[0] == '/');
    fuzz_must(config.spec.process.n_groups <= SPEC_MAX_GROUPS);
    fuzz_must(config.spec.process.n_limits <= SPEC_MAX_LIMITS);
    fuzz_must(config.spec.rules.n > 0 && !config.spec.rules.v[0].allow);
    fuzz_must_say(spec_check(&config.spec, &e), &e);
    /* Its filter, compiled and kept nowhere. */
    fuzz_must_say(oci_config_filter(&config, -1, &e), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct err e = {0};
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    struct cg_limits limits = CG_LIMITS_INIT;
    read_config(text, size);
    fuzz_must_say(oci_process_parse(&config, text, size, "process", &e), &e);
    fuzz_must_say(oci_resources_parse(&limits, text, size, "resources", &e),
                  &e);
    cg_limits_done(&limits);
    return 0;
}
