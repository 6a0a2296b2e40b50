/* Instructions of import -c (chapter 09), one a line, on a configuration in
 * JSON: it stays an object that can be written. */
#include "apply.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_strv struct strv lines = {0};
    auto_free char *text = fuzz_part(&in);
    strv_split(&lines, text, '\n');
    json_auto_t *config = json_object();
    for (size_t i = 0; i < lines.n; i++) {
        struct strv line = {.v = &lines.v[i], .n = 1};
        struct err e = {0};
        fuzz_must_say(apply_changes(&line, config, &e), &e);
    }
    auto_free char *written = json_dumps(config, JSON_COMPACT);
    fuzz_must(written != NULL && json_is_object(config));
    return 0;
}
