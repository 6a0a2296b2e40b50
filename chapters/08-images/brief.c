/* A cache of what lists tell: second reading. */
#include "brief.h"

#include "files.h"
#include "own.h"
#include "store.h"
#include "sys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CACHE "cache/images"

static long long nanoseconds(const struct timespec *t)
{
    return t->tv_sec * 1000000000LL + t->tv_nsec;
}

static int by_manifest(const void *a, const void *b)
{
    const struct brief *left = a, *right = b;
    return memcmp(left->manifest, right->manifest, DIGEST_HEX);
}

static bool is_same_state(const struct brief_state *a,
                          const struct brief_state *b)
{
    return stamp_is_same(&a->names, &b->names) &&
           stamp_is_same(&a->blobs, &b->blobs);
}

/* "HEX HEX", then seven numbers, then names. */
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
    ret->names = at;
    return *at == '\0' || *at == ' ';
}

void brief_load(const struct image_store *store, struct brief_list *ret)
{
    *ret = (struct brief_list){.blobs = -1};
    stamp_get(store->root, STORE_NAMES, &ret->now.names);
    stamp_get(store->root, STORE_BLOBS, &ret->now.blobs);
    ret->blobs = sys_openat(store->root, STORE_BLOBS,
                            O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (files_read(store->root, CACHE, &ret->text, NULL) <= 0)
        return;
    /* A line has two digests, and more. */
    size_t lines = ret->text.len / (2 * (size_t)DIGEST_HEX) + 1;
    ret->v = own_alloc(lines * sizeof *ret->v);
    char *rest = ret->text.s, *line = strsep(&rest, "\n");
    char *head = stamp_read(line, &ret->then.names);
    head = stamp_read(head, &ret->then.blobs);
    size_t wanted = strtoul(head, NULL, 10);
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (!read_line(line, &ret->v[ret->n]))
            break;
        ret->n++;
    }
    if (ret->n != wanted)
        ret->then = (struct brief_state){0};
}

static bool get_stamp(int blobs, const char *hex, struct brief_stamp *ret)
{
    struct stat st;
    if (fstatat(blobs, hex, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    *ret = (struct brief_stamp){st.st_size, nanoseconds(&st.st_mtim)};
    return true;
}

static bool is_same(int blobs, const char *hex,
                    const struct brief_stamp *before)
{
    struct brief_stamp now;
    return get_stamp(blobs, hex, &now) && now.size == before->size &&
           now.mtime_ns == before->mtime_ns;
}

static void set_digest(char ret[DIGEST_SIZE], const char *hex)
{
    static const char prefix[] = "sha256:";
    memcpy(ret, prefix, sizeof prefix - 1);
    memcpy(ret + sizeof prefix - 1, hex, DIGEST_HEX + 1);
}

static void recall(const struct brief *b, struct image *ret)
{
    *ret = (struct image){.size = b->size, .created = b->created};
    set_digest(ret->digest, b->manifest);
    set_digest(ret->id, b->config);
}

bool brief_all(const struct brief_list *list, struct image_list *ret)
{
    if (!is_same_state(&list->then, &list->now))
        return false;
    ret->v = own_alloc((list->n + 1) * sizeof *ret->v);
    for (ret->n = 0; ret->n < list->n; ret->n++) {
        const struct brief *b = &list->v[ret->n];
        struct image *image = &ret->v[ret->n];
        recall(b, image);
        if (b->names[0] != '\0')
            strv_split(&image->names, b->names + 1, ' ');
    }
    return true;
}

static void sort(struct brief_list *list)
{
    if (list->sorted < list->n)
        qsort(list->v, list->n, sizeof *list->v, by_manifest);
    list->sorted = list->n;
}

static const struct brief *search(const struct brief_list *list,
                                  const char *digest)
{
    struct brief wanted = {0};
    memcpy(wanted.manifest, digest_hex(digest), DIGEST_HEX);
    return list->sorted == 0 ? NULL
                             : bsearch(&wanted, list->v, list->sorted,
                                       sizeof *list->v, by_manifest);
}

bool brief_find(struct brief_list *list, const char *digest, struct image *ret)
{
    if (list->sorted == 0)
        sort(list);
    const struct brief *found = search(list, digest);
    if (found == NULL ||
        !is_same(list->blobs, found->manifest, &found->stamps[0]) ||
        !is_same(list->blobs, found->config, &found->stamps[1]))
        return false;
    recall(found, ret);
    return true;
}

void brief_add(struct brief_list *list, const struct image *image)
{
    struct brief new = {.created = image->created, .size = image->size};
    memcpy(new.manifest, digest_hex(image->digest), DIGEST_HEX);
    memcpy(new.config, digest_hex(image->id), DIGEST_HEX);
    if (!get_stamp(list->blobs, new.manifest, &new.stamps[0]) ||
        !get_stamp(list->blobs, new.config, &new.stamps[1]))
        return;
    /* In place of what was known of it before. */
    struct brief *old = (struct brief *)(uintptr_t)search(list, image->digest);
    if (old == NULL) {
        list->v = own_grow(list->v, (list->n + 1) * sizeof *list->v);
        old = &list->v[list->n++];
    }
    *old = new;
    list->is_new = true;
}

static void add_line(const struct brief *b, const struct image *image,
                     struct text *out)
{
    text_addf(out, "%s %s %lld %ld %llu %lld %lld %lld %lld", b->manifest,
              b->config, (long long)b->created.tv_sec, b->created.tv_nsec,
              b->size, b->stamps[0].size, b->stamps[0].mtime_ns,
              b->stamps[1].size, b->stamps[1].mtime_ns);
    for (size_t i = 0; i < image->names.n; i++)
        text_addf(out, " %s", image->names.v[i]);
    text_add(out, "\n");
}

void brief_save(const struct image_store *store, struct brief_list *list,
                const struct image_list *images, bool whole)
{
    if (!whole)
        list->now = (struct brief_state){0};
    bool is_known = list->now.names.inode != 0 && list->now.blobs.inode != 0;
    if (!list->is_new && (!is_known || is_same_state(&list->then, &list->now)))
        return;
    sort(list);
    auto_text struct text lines = {0}, text = {0};
    size_t n = 0;
    for (size_t i = 0; i < images->n; i++) {
        const struct brief *b = search(list, images->v[i].digest);
        if (b != NULL)
            add_line(b, &images->v[i], &lines);
        n += b != NULL;
    }
    if (n < images->n)
        list->now = (struct brief_state){0};
    stamp_add(&text, &list->now.names);
    text_add(&text, " ");
    stamp_add(&text, &list->now.blobs);
    text_addf(&text, " %zu\n", n);
    text_addn(&text, lines.s, lines.len);
    files_replace(store->root, CACHE, text.s, text.len, 0, NULL);
}

void brief_done(struct brief_list *list)
{
    own_close(&list->blobs);
    text_done(&list->text);
    free(list->v);
    *list = (struct brief_list){.blobs = -1};
}
