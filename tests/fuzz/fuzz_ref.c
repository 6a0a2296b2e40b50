/* Names of images (chapter 08): what was read once reads the same again, from
 * the whole name and from the short one. */
#include "fuzz.h"
#include "ref.h"

#include <errno.h>

static void must_read_as(const char *text, const char *full)
{
    auto_ref struct ref ref = {0};
    fuzz_must(ref_parse(text, &ref, NULL) == 0);
    auto_free char *again = ref_full(&ref);
    fuzz_must(strcmp(again, full) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *text = fuzz_part(&in);
    auto_ref struct ref ref = {0};
    struct err e = {0};
    int r = ref_parse(text, &ref, &e);
    fuzz_must_say(r, &e);
    if (r < 0) {
        fuzz_must(r == -EINVAL);
        return 0;
    }
    auto_free char *full = ref_full(&ref);
    auto_free char *familiar = ref_familiar(&ref);
    auto_free char *repository = ref_repository(&ref);
    fuzz_must(text_starts(familiar, repository));
    must_read_as(full, full);
    must_read_as(familiar, full);
    return 0;
}
