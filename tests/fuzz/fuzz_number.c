/* Numbers and sizes in text (chapter 00): read as they were printed. */
#include "fuzz.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *text = fuzz_part(&in);
    uint64_t natural = 0, bytes = 0;
    int64_t whole = 0;
    char out[32], printed[32];
    if (text_to_u64(text, &natural) == 0) {
        snprintf(printed, sizeof printed, "%" PRIu64, natural);
        fuzz_must(strcmp(text + strspn(text, "0"), printed) == 0 ||
                  natural == 0);
    }
    if (text_to_i64(text, &whole) == 0)
        text_from_seconds(whole, out);
    int r = text_to_bytes(text, &bytes);
    fuzz_must(r == 0 || r == -EINVAL || r == -ERANGE);
    fuzz_must(r < 0 || bytes <= INT64_MAX);
    text_from_bytes(natural, out);
    text_from_bytes(bytes, out);
    /* Printed for people, a size is rounded, but still one. */
    fuzz_must(text_to_bytes(out, &natural) == 0 || strstr(out, "EB") != NULL);
    return 0;
}
