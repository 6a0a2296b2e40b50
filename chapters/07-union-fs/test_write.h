/*
 * test_write.h - what the tests of writing layers share: archives in memory,
 * their names as one text, changes as `docker diff` prints them, and a whole
 * tree as one text, so that two can be compared.
 */
#ifndef TEST_WRITE_H
#define TEST_WRITE_H

#include "diff.h"
#include "files.h"
#include "layer.h"
#include "links.h"
#include "own.h"
#include "pack.h"
#include "scratch.h"
#include "text.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct err why;
#define must(call) ck_assert_msg((call) >= 0, "%s: %s", #call, why.msg)

/* Three empty directories, in a file system of the test's own. */
#define UPPER SCRATCH "/upper"
#define LOWER SCRATCH "/lower"
#define COPY SCRATCH "/copy"

static inline void enter(void)
{
    scratch_enter();
    ck_assert_int_eq(mkdir(UPPER, 0755), 0);
    ck_assert_int_eq(mkdir(LOWER, 0755), 0);
    ck_assert_int_eq(mkdir(COPY, 0755), 0);
}

static inline int to_text(void *arg, const void *bytes, size_t len)
{
    text_addn(arg, bytes, len);
    return 0;
}

struct reading {
    const struct text *text;
    size_t at;
};
static inline ssize_t from_text(void *arg, void *bytes, size_t len)
{
    struct reading *reading = arg;
    size_t rest = reading->text->len - reading->at;
    len = len < rest ? len : rest;
    memcpy(bytes, reading->text->s + reading->at, len);
    reading->at += len;
    return (ssize_t)len;
}

static inline void note(void *arg, const char *line)
{
    text_addf(arg, "%s\n", line);
}

/* A tree of these directories, which end with NULL, the uppermost first. */
static inline struct tree tree_of(bool has_marks, const char *const *paths)
{
    struct tree tree = {.has_marks = has_marks};
    auto_strv struct strv list = {0};
    for (; *paths != NULL; paths++)
        strv_add(&list, *paths);
    must(tree_open(&tree, &list, &why));
    return tree;
}
#define TREE(...) tree_of(true, (const char *const[]){__VA_ARGS__, NULL})
#define PLAIN(path) tree_of(false, (const char *const[]){path, NULL})

/* The changes as a layer, packed or not; notices are added to `notices`. */
static inline void write_layer(struct diff *diff, struct text *out,
                               enum layer_compression packed,
                               struct text *notices)
{
    struct pack_options options = {
        .target = {to_text, out},
          .packed = packed
    };
    if (notices != NULL) {
        options.notice = note;
        options.notice_arg = notices;
    }
    struct pack *pack = pack_open(&options);
    must(pack_close(pack, pack_layer(pack, diff, &why), &why));
}

static inline void unpack_into(const struct text *layer, const char *path)
{
    auto_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(dir, 0);
    struct reading reading = {layer, 0};
    must(layer_extract((struct layer_source){from_text, &reading},
                       (struct layer_sink){0}, dir, NULL, &why));
}

/* Its names, one a line, as another reader sees them. */
static inline char *names_in(const struct text *layer)
{
    struct archive *a = archive_read_new();
    archive_read_support_filter_gzip(a);
    archive_read_support_format_tar(a);
    archive_read_set_options(a, "hdrcharset=BINARY");
    ck_assert_int_eq(archive_read_open_memory(a, layer->s, layer->len),
                     ARCHIVE_OK);
    struct text names = {0};
    struct archive_entry *entry;
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK)
        text_addf(&names, "%s\n", archive_entry_pathname(entry));
    archive_read_free(a);
    return text_take(&names);
}

static inline int add_line(void *arg, const struct diff_change *change,
                           struct err *e)
{
    (void)e;
    text_addf(arg, "%c /%s\n", "CAD"[change->kind], change -> path);
    return 0;
}
static inline char *changes_of(struct diff *diff)
{
    struct text lines = {0};
    diff->change = add_line;
    diff->arg = &lines;
    must(diff_walk(diff, &why));
    return text_take(&lines);
}

static inline void put(const char *path, const char *content)
{
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(files_write_all(fd, content, strlen(content)), 0);
}

/* ------------------------------------------------- a tree as one text */

static inline void show_attributes(const char *path, struct text *out)
{
    char names[4096], value[4096];
    ssize_t n = llistxattr(path, names, sizeof names);
    for (const char *at = names; n > 0 && at < names + n;
         at += strlen(at) + 1) {
        ssize_t size = lgetxattr(path, at, value, sizeof value);
        text_addf(out, " %s=", at);
        text_addn(out, value, size > 0 ? (size_t)size : 0);
    }
}

static inline void show_content(const char *path, const struct stat *st,
                                struct text *out)
{
    char text[4096];
    if (S_ISLNK(st->st_mode)) {
        ssize_t n = readlink(path, text, sizeof text);
        text_addf(out, " -> %.*s", (int)n, text);
    }
    if (!S_ISREG(st->st_mode))
        return;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned long sum = 5381;
    ssize_t n;
    while ((n = read(fd, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 33 + (unsigned char)text[i];
    text_addf(out, " %lld:%lx", (long long)st->st_size, sum);
}

/* Several names of one file, each shown with the first of them. How many there
 * are at all is nobody's business: some may be hidden. */
struct shown_tree {
    const char *root;
    bool with_dir_times; /* which only say that something in it was made */
    struct links links;
    struct text *out;
};

static inline void show_file(struct shown_tree *t, const char *path)
{
    auto_free char *full = text_format("%s/%s", t->root, path);
    struct stat st;
    if (lstat(full, &st) < 0)
        return;
    text_addf(t->out, "%s %o %u:%u dev %llx", path, st.st_mode, st.st_uid,
              st.st_gid, (unsigned long long)st.st_rdev);
    const char *first = links_first(&t->links, &st, path);
    if (first != NULL)
        text_addf(t->out, " is %s", first);
    if (!S_ISDIR(st.st_mode) || t->with_dir_times)
        text_addf(t->out, " at %lld.%09ld", (long long)st.st_mtim.tv_sec,
                  st.st_mtim.tv_nsec);
    show_attributes(full, t->out);
    show_content(full, &st, t->out);
    text_add(t->out, "\n");
}

static inline void show_dir(struct shown_tree *t, const char *path)
{
    auto_free char *whole = text_format("%s/%s", t->root, path);
    struct dirent **names;
    int n = scandir(whole, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        auto_free char *below =
            text_format("%s%s%s", path, path[0] ? "/" : "", names[i]->d_name);
        bool is_real = strcmp(names[i]->d_name, ".") != 0 &&
                       strcmp(names[i]->d_name, "..") != 0;
        bool is_dir = names[i]->d_type == DT_DIR;
        free(names[i]);
        if (is_real)
            show_file(t, below);
        if (is_real && is_dir)
            show_dir(t, below);
    }
    if (n >= 0)
        free(names);
}

static inline char *shown(const char *root, bool with_dir_times)
{
    struct text out = {0};
    struct shown_tree tree = {
        .root = root, .with_dir_times = with_dir_times, .out = &out};
    show_dir(&tree, "");
    links_done(&tree.links);
    return text_take(&out);
}

/* Equal, or the first line that differs is told. */
static inline void same_text(const char *a, const char *b)
{
    size_t i = 0, line = 0;
    for (; a[i] != '\0' && a[i] == b[i]; i++)
        if (a[i] == '\n')
            line = i + 1;
    ck_assert_msg(a[i] == b[i], "%.*s\nis not\n%.*s",
                  (int)strcspn(a + line, "\n"), a + line,
                  (int)strcspn(b + line, "\n"), b + line);
}

#endif
