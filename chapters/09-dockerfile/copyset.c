/* What COPY takes: copyset.h. Where it goes is in copyset_pack.c. */
#include "copyset.h"

#include "digest.h"
#include "own.h"
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void copyset_done(struct copyset *set)
{
    for (size_t i = 0; i < set->n; i++) {
        free(set->v[i].from);
        free(set->v[i].to);
    }
    own_free(&set->v);
    set->n = 0;
}

/* No pattern leaves out the context itself: "*" means what is in it. */
static bool is_left_out(const struct copyset_from *from, const char *path)
{
    return path[0] != '\0' && from->ignore != NULL &&
           ignore_matches(from->ignore, path);
}

/* --- adding --------------------------------------------------------------- */

/* One name or match on its way into the set. */
struct adding {
    struct copyset *set;
    const struct copyset_from *from;
    const char *base; /* what a path loses when it goes below `to` */
};

static void add_item(struct adding *a, const char *path,
                     const struct tree_entry *entry, char *to, bool is_alone)
{
    struct copyset *set = a->set;
    size_t n = set->n + 1;
    if ((n & (n - 1)) == 0)
        set->v = own_grow(set->v, n * 2 * sizeof *set->v);
    set->v[set->n++] = (struct copyset_item){
        .from = own_strdup(path),
        .to = to,
        .layer = entry->range.first,
        .st = entry->st,
        .is_alone = is_alone,
    };
}

/* --exclude speaks of paths below what is copied. */
static bool is_excluded(const struct copyset_from *from, const char *to)
{
    return from->exclude != NULL && to[0] != '\0' &&
           ignore_matches(from->exclude, to);
}

static int add_below(struct adding *a, const char *path, const char *to,
                     struct tree_range range, struct err *e);

/* An entry of a directory. A directory that is left out may have something in
 * it that is not, and is there then. */
static int add_entry(struct adding *a, const char *path, char *to,
                     const struct tree_entry *entry, struct err *e)
{
    const struct copyset_from *from = a->from;
    bool is_dir = S_ISDIR(entry->st.st_mode);
    bool out = is_left_out(from, path), excluded = is_excluded(from, to);
    bool enters = is_dir && (!out || ignore_may_readmit(from->ignore, path)) &&
                  (!excluded || ignore_may_readmit(from->exclude, to));
    size_t before = a->set->n;
    a->set->lacks_some |= out;
    if (!(out || excluded) || enters)
        add_item(a, path, entry, to, false);
    else
        free(to);
    if (!enters)
        return 0;
    int r = add_below(a, path, a->set->v[before].to, entry->range, e);
    if (r == 0 && (out || excluded) && a->set->n == before + 1) {
        a->set->n--; /* there was nothing */
        free(a->set->v[before].from);
        free(a->set->v[before].to);
    }
    return r;
}

static int add_below(struct adding *a, const char *path, const char *to,
                     struct tree_range range, struct err *e)
{
    auto_tree_dir struct tree_dir dir = {0};
    int r = tree_read(a->from->tree, path, range, &dir, e);
    for (size_t i = 0; r == 0 && i < dir.n; i++) {
        if (dir.v[i].is_whiteout)
            continue;
        auto_free char *below = tree_path(path, dir.v[i].name);
        r = add_entry(a, below, tree_path(to, dir.v[i].name), &dir.v[i], e);
    }
    return r;
}

/* With --parents a name keeps the directories that lead to it, those after
 * "/./" where that is in it. */
static int add_parents(struct adding *a, const char *path, struct err *e)
{
    for (const char *slash = strchr(path, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        auto_free char *dir = text_format("%.*s", (int)(slash - path), path);
        auto_free char *found = NULL;
        struct tree_entry entry;
        if (!text_starts(dir, a->base))
            continue;
        const char *to = dir + strlen(a->base);
        to += to[0] == '/';
        int r = tree_resolve(a->from->tree, dir, false, &entry, &found, e);
        if (r < 0)
            return r;
        if (to[0] != '\0')
            add_item(a, dir, &entry, own_strdup(to), false);
    }
    return 0;
}

static const char *command_of(const struct copyset_from *from)
{
    return from->command != NULL ? from->command : "COPY";
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* A file or directory by its very path; a link is what it leads to. */
static int add_path(struct adding *a, const char *path, struct err *e)
{
    const struct copyset_from *from = a->from;
    struct tree_entry entry;
    auto_free char *found = NULL;
    int r = tree_resolve(from->tree, path, true, &entry, &found, e);
    bool is_dir = r == 0 && S_ISDIR(entry.st.st_mode);
    if (r == 0 && is_left_out(from, found) &&
        !(is_dir && ignore_may_readmit(from->ignore, found)))
        r = -ENOENT;
    if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
        return err_set(
            e, ENOENT,
            "%s failed: file not found in %s%s: stat %.120s: file "
            "does not exist",
            command_of(from), from->what,
            from->ignore != NULL ? " or excluded by .dockerignore" : "", path);
    if (r < 0)
        return r;
    a->set->sources++;
    a->set->has_directory |= is_dir;
    if (!from->keeps_parents && !is_dir) {
        add_item(a, found, &entry, own_strdup(last_part(path)), true);
        return 0;
    }
    if (!from->keeps_parents) {
        add_item(a, found, &entry, own_strdup(""), false);
        return add_below(a, found, "", entry.range, e);
    }
    r = add_parents(a, path, e);
    const char *to = path + strlen(a->base);
    to += to[0] == '/';
    if (r == 0)
        add_item(a, found, &entry, own_strdup(to), false);
    return r < 0 || !is_dir ? r : add_below(a, found, to, entry.range, e);
}

/* --- wildcards ------------------------------------------------------------ */

/* `done` is a path without wildcards, `rest` is still to be matched. Counts the
 * matches in *n. */
static int add_matches(struct adding *a, const char *done, const char *rest,
                       size_t *n, struct err *e)
{
    size_t len = strcspn(rest, "/");
    auto_free char *part = text_format("%.*s", (int)len, rest);
    const char *next = rest + len + strspn(rest + len, "/");
    struct tree_entry entry;
    auto_free char *dir = NULL;
    auto_tree_dir struct tree_dir list = {0};
    int r = tree_resolve(a->from->tree, done, true, &entry, &dir, e);
    if (r < 0 || !S_ISDIR(entry.st.st_mode))
        return r == -ENOENT || r >= 0 ? 0 : r;
    r = tree_read(a->from->tree, dir, entry.range, &list, e);
    for (size_t i = 0; r >= 0 && i < list.n; i++) {
        int match = pattern_match(part, list.v[i].name);
        if (match < 0)
            return err_set(e, EINVAL, "syntax error in pattern");
        auto_free char *path = tree_path(done, list.v[i].name);
        if (match == 0 || list.v[i].is_whiteout)
            continue;
        if (next[0] != '\0')
            r = add_matches(a, path, next, n, e);
        else if (!is_left_out(a->from, path) ||
                 (S_ISDIR(list.v[i].st.st_mode) &&
                  ignore_may_readmit(a->from->ignore, path)))
            r = ++*n > 0 ? add_path(a, path, e) : 0;
    }
    return r;
}

/* "/a/../b//c" is "b/c": as a path in the root of the tree. Caller frees. */
static char *clean(const char *path)
{
    auto_free char *rooted = text_format("/%s", path);
    auto_free char *whole = path_clean(rooted);
    return own_strdup(whole + 1);
}

static int add_pattern(struct copyset *set, const struct copyset_from *from,
                       const char *pattern, struct err *e)
{
    auto_free char *path = clean(pattern);
    auto_free char *base = own_strdup("");
    const char *pivot = from->keeps_parents ? strstr(pattern, "/./") : NULL;
    if (pivot != NULL) {
        auto_free char *before =
            text_format("%.*s", (int)(pivot - pattern), pattern);
        own_free(&base);
        base = clean(before);
    }
    struct adding a = {.set = set, .from = from, .base = base};
    set->tree = from->tree;
    if (!pattern_is_wild(path))
        return add_path(&a, path, e);
    size_t n = 0;
    int r = add_matches(&a, "", path, &n, e);
    return r == 0 && n == 0 ? err_set(e, ENOENT,
                                      "%s failed: no source files were "
                                      "specified",
                                      command_of(from))
                            : r;
}

/* "../x" is "x" in the root; where there is none, it was meant to lead out. */
int copyset_add(struct copyset *set, const struct copyset_from *from,
                const char *pattern, struct err *e)
{
    auto_free char *path = path_clean(pattern);
    int r = add_pattern(set, from, pattern, e);
    return r == -ENOENT && text_starts(path, "../")
               ? err_set(e, ENOENT,
                         "%s failed: forbidden path outside the %s: %.120s",
                         command_of(from), from->what, pattern)
               : r;
}

int copyset_add_file(struct copyset *set, const struct copyset_from *from,
                     const char *path, struct err *e)
{
    auto_free char *whole = clean(path);
    struct adding a = {.set = set, .from = from, .base = ""};
    set->tree = from->tree;
    return add_path(&a, whole, e);
}

/* --- the digest ----------------------------------------------------------- */

static char kind_of(mode_t mode)
{
    static const struct {
        mode_t mode;
        char letter;
    } kinds[] = {
        {S_IFREG,  '-'},
        {S_IFDIR,  'd'},
        {S_IFLNK,  'l'},
        {S_IFCHR,  'c'},
        {S_IFBLK,  'b'},
        {S_IFIFO,  'p'},
        {S_IFSOCK, 's'},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if ((mode & S_IFMT) == kinds[i].mode)
            return kinds[i].letter;
    return '?';
}

/* Not by printf(3): thousands of files have 32 bytes each. */
static void add_hex(const unsigned char sum[FILESUM_SIZE], struct text *line)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * FILESUM_SIZE];
    for (size_t i = 0; i < FILESUM_SIZE; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    text_addn(line, hex, sizeof hex);
}

/* What a file holds, in hexadecimal; of a link its text. */
static int add_content(const struct copyset *set, struct filesum *sums,
                       const struct copyset_item *item, struct text *line,
                       struct err *e)
{
    if (S_ISREG(item->st.st_mode)) {
        unsigned char sum[FILESUM_SIZE];
        int r = filesum_get(sums, set->tree, item->layer, item->from, &item->st,
                            sum, e);
        if (r == 0)
            add_hex(sum, line);
        return r;
    }
    if (!S_ISLNK(item->st.st_mode)) {
        text_addf(line, "%llx", (unsigned long long)item->st.st_rdev);
        return 0;
    }
    auto_free char *target = NULL;
    auto_fd int link =
        tree_open_entry(set->tree, item->layer, item->from, NULL, e);
    int r = link < 0 ? link : tree_read_link(link, &target, e);
    if (r == 0)
        text_addf(line, "%s", target);
    return r;
}

int copyset_digest(const struct copyset *set, struct filesum *sums,
                   char ret[72], struct text *list, struct err *e)
{
    struct digest digest;
    digest_init(&digest);
    auto_text struct text line = {0};
    for (size_t i = 0; i < set->n; i++) {
        const struct copyset_item *item = &set->v[i];
        text_clear(&line);
        text_addf(&line, "%c%04o %c", kind_of(item->st.st_mode),
                  (unsigned)item->st.st_mode & 07777,
                  item->is_alone ? '.' : '/');
        text_addf(&line, "%s\t", item->to);
        if (set->keeps_owner)
            text_addf(&line, "%u:%u ", (unsigned)item->st.st_uid,
                      (unsigned)item->st.st_gid);
        int r = add_content(set, sums, item, &line, e);
        if (r < 0)
            return r;
        text_addn(&line, "\n", 1);
        digest_add(&digest, line.s, line.len);
        if (list != NULL)
            text_addn(list, line.s, line.len);
    }
    digest_end(&digest, ret);
    return 0;
}
