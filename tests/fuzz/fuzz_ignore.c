/* .dockerignore (chapter 09): a list of patterns, and a path. A path below one
 * that is out, with nothing let in there, is out. */
#include "fuzz.h"
#include "ignore.h"

#include <errno.h>

static void must_agree(const struct ignore *ignore, const char *path)
{
    auto_free char *below = text_format("%s/x", path);
    if (ignore_matches(ignore, path) && !ignore_may_readmit(ignore, path))
        fuzz_must(ignore_matches(ignore, below));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t len;
    auto_free char *list = fuzz_part_sized(&in, &len);
    auto_free char *path = fuzz_part(&in);
    auto_ignore struct ignore *ignore = NULL;
    struct err e = {0};
    int r = ignore_parse(list, len, &ignore, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == 0 || (r == -EINVAL && ignore == NULL));
    if (r == 0 && path[0] != '\0' && path[0] != '/')
        must_agree(ignore, path);
    r = pattern_match(list, path);
    fuzz_must(r == 0 || r == 1 || r == -EINVAL);
    if (!pattern_is_wild(list) && strchr(list, '\\') == NULL)
        fuzz_must(r == (strcmp(list, path) == 0));
    return 0;
}
