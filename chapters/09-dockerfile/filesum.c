/* Digests of files, remembered: filesum.h. */
#include "filesum.h"

#include "digest.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* Longer than any tick of the clock that inodes are marked with. */
#define RACY_NS 50000000

/* A row of the table, in the file as in memory. */
struct known {
    uint64_t device, inode, size;
    int64_t mtime_ns, ctime_ns;
    unsigned char sum[FILESUM_SIZE];
};

struct filesum {
    int root;
    char *path;
    struct text file;        /* as it was read */
    const struct known *old; /* in there, sorted by device and inode */
    bool *is_used;           /* which of them were asked for */
    size_t n_old, n_used;
    struct known *new; /* what was read */
    size_t n_new, reads;
};

static const char magic[16] = "mini-docker-fs1";

/* The rows of the table as it is now; they lie in `file`. */
static size_t read_table(const struct filesum *sums, struct text *file,
                         const struct known **ret)
{
    bool is_good = files_read(sums->root, sums->path, file, NULL) >= 0 &&
                   file->len >= sizeof magic &&
                   memcmp(file->s, magic, sizeof magic) == 0 &&
                   (file->len - sizeof magic) % sizeof **ret == 0;
    if (!is_good)
        return 0;
    *ret = (const void *)(file->s + sizeof magic);
    return (file->len - sizeof magic) / sizeof **ret;
}

struct filesum *filesum_open(int root, const char *path)
{
    struct filesum *sums = own_alloc(sizeof *sums);
    sums->root = root;
    sums->path = own_strdup(path);
    sums->n_old = read_table(sums, &sums->file, &sums->old);
    sums->is_used = own_alloc(sums->n_old + 1);
    return sums;
}

static int64_t in_ns(struct timespec at)
{
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static struct known describe(const struct stat *st)
{
    return (struct known){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_ns = in_ns(st->st_mtim),
        .ctime_ns = in_ns(st->st_ctim),
    };
}

static int by_inode(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

/* The row of this very state of the file, or NULL. */
static const struct known *look_up(const struct filesum *sums,
                                   const struct known *file)
{
    const struct known *row = sums->n_old == 0
                                  ? NULL
                                  : bsearch(file, sums->old, sums->n_old,
                                            sizeof *sums->old, by_inode);
    return row != NULL && row->size == file->size &&
                   row->mtime_ns == file->mtime_ns &&
                   row->ctime_ns == file->ctime_ns
               ? row
               : NULL;
}

static void note_used(struct filesum *sums, const struct known *row)
{
    bool *is_used = &sums->is_used[row - sums->old];
    sums->n_used += !*is_used;
    *is_used = true;
}

static void remember(struct filesum *sums, const struct known *row)
{
    size_t n = sums->n_new + 1;
    /* Doubling at powers of two needs no separate capacity. */
    if ((n & (n - 1)) == 0)
        sums->new = own_grow(sums->new, n * 2 * sizeof *sums->new);
    sums->new[sums->n_new++] = *row;
}

static int read_content(int fd, unsigned char ret[FILESUM_SIZE], struct err *e)
{
    enum { BLOCK = 64 * 1024 };
    auto_free char *block = own_room(BLOCK);
    struct digest digest;
    digest_init(&digest);
    ssize_t n;
    while ((n = TEMP_FAILURE_RETRY(read(fd, block, BLOCK))) > 0)
        digest_add(&digest, block, (size_t)n);
    if (n < 0)
        return err_sys(e, errno, "read");
    SHA256_Final(ret, &digest.sha);
    return 0;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return in_ns(now);
}

/* waiver: parameters: where the file is, what it is, and the result */
int filesum_get(struct filesum *sums, const struct tree *tree, size_t layer,
                const char *path, const struct stat *st,
                unsigned char ret[FILESUM_SIZE], struct err *e)
{
    struct known row = describe(st);
    const struct known *known = look_up(sums, &row);
    if (known != NULL) {
        memcpy(ret, known->sum, FILESUM_SIZE);
        note_used(sums, known);
        return 0;
    }
    struct stat before;
    int64_t begun = now_ns();
    auto_fd int entry = tree_open_entry(tree, layer, path, &before, e);
    auto_fd int fd = entry < 0 ? entry : tree_open_content(entry, e);
    int r = fd < 0 ? fd : read_content(fd, ret, e);
    if (r < 0)
        return err_add(e, "%.120s", path);
    sums->reads++;
    row = describe(&before);
    memcpy(row.sum, ret, FILESUM_SIZE);
    if (row.ctime_ns < begun - RACY_NS)
        remember(sums, &row);
    return 0;
}

size_t filesum_reads(const struct filesum *sums)
{
    return sums->reads;
}

/* Rows of files that nobody asked for this time: another Dockerfile of the same
 * place may, but not for ever. */
static bool keeps_unused(const struct filesum *sums)
{
    return sums->n_old - sums->n_used <=
           2 * (sums->n_used + sums->n_new) + 1000;
}

/* One that we know and were not asked for. */
static bool is_unused(const struct filesum *sums, const struct known *row)
{
    const struct known *old = look_up(sums, row);
    return old != NULL && !sums->is_used[old - sums->old];
}

/* New rows and those of the table, sorted. Of a file that stands there twice (a
 * hard link, or one that was changed) the row that was read last is kept. */
static size_t merge(const struct filesum *sums, const struct known *table,
                    size_t n_table, struct known *rows)
{
    size_t n = 0, kept = 0;
    bool keeps = keeps_unused(sums);
    for (size_t i = 0; i < sums->n_new; i++)
        rows[n++] = sums->new[i];
    if (n > 0)
        qsort(rows, n, sizeof *rows, by_inode);
    size_t n_new = n;
    for (size_t i = 0; i < n_table; i++)
        if ((keeps || !is_unused(sums, &table[i])) &&
            (n_new == 0 ||
             bsearch(&table[i], rows, n_new, sizeof *rows, by_inode) == NULL))
            rows[n++] = table[i];
    if (n > 0)
        qsort(rows, n, sizeof *rows, by_inode);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || by_inode(&rows[kept - 1], &rows[i]) != 0)
            rows[kept++] = rows[i];
    return kept;
}

/* The table may have got rows of others since it was opened: it is read again,
 * and written before anybody else reads it for that. */
static void write_table(const struct filesum *sums)
{
    auto_text struct text now = {0}, file = {0};
    const struct known *table = NULL;
    size_t n = read_table(sums, &now, &table);
    auto_free struct known *rows =
        own_alloc((n + sums->n_new + 1) * sizeof *rows);
    n = merge(sums, table, n, rows);
    text_addn(&file, magic, sizeof magic);
    text_addn(&file, rows, n * sizeof *rows);
    files_replace(sums->root, sums->path, file.s, file.len, 0, NULL);
}

void filesum_save(struct filesum *sums)
{
    if (sums->reads == 0)
        return;
    auto_free char *path = own_strdup(sums->path);
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    const char *dir = slash != NULL ? path : ".";
    files_mkdirs(sums->root, dir, 0711, NULL);
    /* The directory, so that there is no file that only is a lock. */
    auto_fd int lock =
        sys_openat(sums->root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (lock >= 0 && sys_flock(lock, LOCK_EX) >= 0)
        write_table(sums);
}

void filesum_close(struct filesum **sums)
{
    if (*sums == NULL)
        return;
    text_done(&(*sums)->file);
    free((*sums)->path);
    free((*sums)->is_used);
    free((*sums)->new);
    free(*sums);
    *sums = NULL;
}
