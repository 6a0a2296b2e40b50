/* A cache of what lists tell: second reading. */
#include "brief.h"

#include "files.h"
#include "own.h"
#include "store.h"
#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CACHE "cache/images"

static int by_manifest(const void *a, const void *b)
{
    const struct brief *left = a, *right = b;
    return memcmp(left->manifest, right->manifest, DIGEST_HEX);
}

/* "HEX HEX", then seven numbers. */
static bool read_line(const char *line, struct brief *ret)
{
    static const char hex[] = "0123456789abcdef";
    if (strspn(line, hex) != DIGEST_HEX || line[DIGEST_HEX] != ' ' ||
        strspn(line + DIGEST_HEX + 1, hex) != DIGEST_HEX)
        return false;
    *ret = (struct brief){0};
    memcpy(ret->manifest, line, DIGEST_HEX);
    memcpy(ret->config, line + DIGEST_HEX + 1, DIGEST_HEX);
    char *at = (char *)(uintptr_t)line + 2 * DIGEST_HEX + 1;
    ret->created.tv_sec = strtoll(at, &at, 10);
    ret->created.tv_nsec = strtol(at, &at, 10);
    ret->size = strtoull(at, &at, 10);
    for (size_t i = 0; i < 2; i++) {
        ret->stamps[i].size = strtoll(at, &at, 10);
        ret->stamps[i].mtime_ns = strtoll(at, &at, 10);
    }
    return *at == '\0';
}

void brief_load(const struct image_store *store, struct brief_list *ret)
{
    *ret = (struct brief_list){0};
    auto_text struct text text = {0};
    if (files_read(store->root, CACHE, &text, NULL) <= 0)
        return;
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.s[i] == '\n';
    ret->v = own_alloc(lines * sizeof *ret->v);
    char *rest = text.s, *line;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (!read_line(line, &ret->v[ret->n]))
            break;
        ret->n++;
    }
    ret->sorted = ret->n;
}

static bool get_stamp(const struct image_store *store, const char *hex,
                      struct brief_stamp *ret)
{
    char path[sizeof STORE_BLOBS + 1 + DIGEST_HEX];
    struct stat st;
    snprintf(path, sizeof path, STORE_BLOBS "/%s", hex);
    if (fstatat(store->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    ret->size = st.st_size;
    ret->mtime_ns = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
    return true;
}

static bool is_same(const struct image_store *store, const char *hex,
                    const struct brief_stamp *before)
{
    struct brief_stamp now;
    return get_stamp(store, hex, &now) && now.size == before->size &&
           now.mtime_ns == before->mtime_ns;
}

bool brief_find(const struct image_store *store, const struct brief_list *list,
                const char *digest, struct image *ret)
{
    struct brief wanted = {0};
    memcpy(wanted.manifest, digest_hex(digest), DIGEST_HEX);
    const struct brief *found = list->sorted == 0
                                    ? NULL
                                    : bsearch(&wanted, list->v, list->sorted,
                                              sizeof *list->v, by_manifest);
    if (found == NULL || !is_same(store, found->manifest, &found->stamps[0]) ||
        !is_same(store, found->config, &found->stamps[1]))
        return false;
    *ret = (struct image){.size = found->size, .created = found->created};
    snprintf(ret->digest, sizeof ret->digest, "sha256:%s", found->manifest);
    snprintf(ret->id, sizeof ret->id, "sha256:%s", found->config);
    return true;
}

void brief_add(const struct image_store *store, struct brief_list *list,
               const struct image *image)
{
    struct brief new = {.created = image->created, .size = image->size};
    memcpy(new.manifest, digest_hex(image->digest), DIGEST_HEX);
    memcpy(new.config, digest_hex(image->id), DIGEST_HEX);
    if (!get_stamp(store, new.manifest, &new.stamps[0]) ||
        !get_stamp(store, new.config, &new.stamps[1]))
        return;
    list->v = own_grow(list->v, (list->n + 1) * sizeof *list->v);
    list->v[list->n++] = new;
}

void brief_save(const struct image_store *store, const struct brief_list *list)
{
    if (list->n == list->sorted)
        return;
    struct brief *all = own_alloc(list->n * sizeof *all);
    size_t n = list->n;
    /* The newest first, so that of two lines for one manifest it is kept. */
    for (size_t i = 0; i < n; i++)
        all[i] = list->v[n - 1 - i];
    qsort(all, n, sizeof *all, by_manifest);
    auto_text struct text text = {0};
    for (size_t i = 0; i < n; i++) {
        const struct brief *b = &all[i];
        if (i > 0 && by_manifest(b, b - 1) == 0)
            continue;
        text_addf(&text, "%s %s %lld %ld %llu %lld %lld %lld %lld\n",
                  b->manifest, b->config, (long long)b->created.tv_sec,
                  b->created.tv_nsec, b->size, b->stamps[0].size,
                  b->stamps[0].mtime_ns, b->stamps[1].size,
                  b->stamps[1].mtime_ns);
    }
    files_replace(store->root, CACHE, text.s, text.len, 0, NULL);
    free(all);
}

void brief_done(struct brief_list *list)
{
    free(list->v);
    *list = (struct brief_list){0};
}
