/* Profiles of seccomp in JSON (chapter 05): refused in words, or compiled to a
 * program that the kernel could take. */
#include "filter_parts.h"
#include "fuzz.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t len;
    auto_free char *text = fuzz_part_sized(&in, &len);
    auto_free char *release = fuzz_part(&in);
    const struct filter_source source = {
        .name = "fuzz",
        .text = text,
        .len = len,
        .caps = 0xa80425fb,
        .release = release,
    };
    auto_filter struct filter filter = {0};
    struct err e = {0};
    int r = filter_compile(&source, &filter, &e);
    fuzz_must_say(r, &e);
    fuzz_must((r == 0) == (filter.n > 0));
    /* The last instruction of every program is a return. */
    fuzz_must(r < 0 || BPF_CLASS(filter.code[filter.n - 1].code) == BPF_RET);
    return 0;
}
