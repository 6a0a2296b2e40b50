/* Templates of --format: the second part is the document, JSON. What comes out
 * is UTF-8 as far as the template was, or why not is said in words. */
#include "fuzz.h"
#include "template.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *text = fuzz_part(&in);
    auto_free char *document = fuzz_part(&in);
    json_auto_t *doc = json_loads(document, JSON_DECODE_ANY, NULL);
    auto_template struct template *t = NULL;
    struct err e = {0};
    int r = template_parse(text, &t, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == 0 || r == -EINVAL || r == -ENOSYS);
    for (int flags = 0; r == 0 && flags <= TEMPLATE_HEADERS; flags++) {
        auto_text struct text out = {0};
        r = template_execute(t, doc, flags, &out, &e);
        fuzz_must_say(r, &e);
        fuzz_must(r == 0 || r == -EINVAL);
        /* What a template printed once it prints again. */
        auto_text struct text again = {0};
        fuzz_must(template_execute(t, doc, flags, &again, NULL) == r || r < 0);
        fuzz_must(out.len == again.len &&
                  (out.len == 0 || memcmp(out.s, again.s, out.len) == 0));
        r = 0;
    }
    return 0;
}
