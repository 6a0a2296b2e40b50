/*
 * Second reading: huge pages. Which sizes there are is the processor's affair,
 * so the files are looked for: hugetlb.2MB.usage_in_bytes, or .current on v2.
 * Where the kernel also counts the pages that are only reserved (rsvd), that
 * is the number to be told, as it is what the limit is held against first.
 */
#include "cg_details.h"

#include "cg_parts.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A version's files, after "hugetlb.2MB" or "hugetlb.2MB.rsvd". */
static const struct {
    const char *usage, *max_usage, *failures, *key;
} files[] = {
    {".usage_in_bytes", ".max_usage_in_bytes", ".failcnt", NULL },
    {".current",        NULL,                  ".events",  "max"},
};

/* The number in a file of the group, or after `key` in it; 0 where it is not.
 */
static uint64_t read_number(int dir, const char *begin, const char *end,
                            const char *key)
{
    auto_text struct text text = {0};
    auto_free char *file = text_format("%s%s", begin, end == NULL ? "" : end);
    if (end == NULL || files_read(dir, file, &text, NULL) <= 0)
        return 0;
    return key != NULL ? cg_sum(text.s, key) : strtoull(text.s, NULL, 10);
}

/* "2MB" of "hugetlb.2MB.current", if this is the file of the usage. */
static bool find_size(const char *file, const char *usage, char out[16])
{
    static const char prefix[] = "hugetlb.";
    size_t begin = strlen(prefix), len;
    if (!text_starts(file, prefix))
        return false;
    len = strcspn(file + begin, ".");
    if (len >= 16 || strcmp(file + begin + len, usage) != 0)
        return false;
    memcpy(out, file + begin, len);
    out[len] = '\0';
    return true;
}

int cg_read_huge(const struct cg *cg, struct cg_huges *ret, struct err *e)
{
    int dir = cg_dir(cg, CG_HUGETLB), v = cg_version(cg, CG_HUGETLB) - 1;
    if (dir < 0)
        return 0;
    auto_dir DIR *list = cg_list(dir);
    if (list == NULL)
        return err_set(e, EIO, "list the files of hugetlb");
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        struct cg_huge huge = {0};
        if (!find_size(entry->d_name, files[v].usage, huge.size))
            continue;
        auto_free char *begin = text_format("hugetlb.%s.rsvd", huge.size);
        auto_free char *test = text_format("%s%s", begin, files[v].usage);
        if (faccessat(dir, test, F_OK, 0) < 0)
            *strrchr(begin, '.') = '\0';
        huge.bytes.usage = read_number(dir, begin, files[v].usage, NULL);
        huge.bytes.max_usage =
            read_number(dir, begin, files[v].max_usage, NULL);
        huge.bytes.failures =
            read_number(dir, begin, files[v].failures, files[v].key);
        ret->v = own_grow(ret->v, (ret->n + 1) * sizeof huge);
        ret->v[ret->n++] = huge;
    }
    return 0;
}
