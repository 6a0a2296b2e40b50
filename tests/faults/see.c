/* What is there: processes, mounts, links, control groups, files. */
#include "see.h"

#include <dirent.h>
#include <fts.h>
#include <limits.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SETTLE_MS = 3000, SHOWN = 5 };

static void add_line(struct lines *lines, const char *kind, const char *name)
{
    if (lines->n == lines->space) {
        lines->space = lines->space * 2 + 256;
        lines->v = realloc(lines->v, lines->space * sizeof *lines->v);
    }
    if (lines->v == NULL ||
        asprintf(&lines->v[lines->n++], "%s %s", kind, name) < 0)
        abort();
}

void see_done(struct lines *lines)
{
    while (lines->n > 0)
        free(lines->v[--lines->n]);
    free(lines->v);
    *lines = (struct lines){0};
}

static void add_processes(struct lines *lines)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name))
            add_line(lines, "process", entry->d_name);
    if (dir != NULL)
        closedir(dir);
}

/* Control groups below a directory. Its number of links is 2 and one for each
 * of them, so most need not be read: each is full of files. */
static void add_groups(struct lines *lines, const char *top)
{
    struct stat st;
    char path[PATH_MAX];
    const struct dirent *entry;
    DIR *dir = stat(top, &st) < 0 || st.st_nlink == 2 ? NULL : opendir(top);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", top, entry->d_name);
        add_line(lines, "cgroup", path);
        add_groups(lines, path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* What is cut short or half written differs. A directory's entries speak for
 * themselves, and hosts has the address of the day. */
static long long size_of(const FTSENT *entry)
{
    bool counts =
        entry->fts_info != FTS_D && strcmp(entry->fts_name, "hosts") != 0;
    return counts ? (long long)entry->fts_statp->st_size : 0;
}

/* With kind, rights and size. */
static void add_files(struct lines *lines, const char *top)
{
    char copy[64], name[PATH_MAX + 64];
    snprintf(copy, sizeof copy, "%s", top);
    FTS *tree = fts_open((char *[]){copy, NULL}, FTS_PHYSICAL, NULL);
    const FTSENT *entry;
    while (tree != NULL && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_DP)
            continue;
        /* Every command adds to it; unit tests look at what. */
        if (strncmp(entry->fts_name, "events.json", 11) == 0 ||
            strcmp(entry->fts_name, "leases") == 0) /* which was the last? */
            continue;
        /* What may be forgotten may be remembered, too: a cache is whole or
         * not there, which other tests look at. */
        if (entry->fts_info == FTS_D && strcmp(entry->fts_name, "cache") == 0) {
            fts_set(tree, (FTSENT *)(uintptr_t)entry, FTS_SKIP);
            continue;
        }
        snprintf(name, sizeof name, "%s %o %lld", entry->fts_path,
                 entry->fts_statp->st_mode, size_of(entry));
        add_line(lines, "file", name);
    }
    if (tree != NULL)
        fts_close(tree);
}

/* The first two fields are numbers that a mount which comes back has anew. */
static void add_mounts(struct lines *lines)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096];
    int skip;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        skip = 0;
        line[strcspn(line, "\n")] = '\0';
        sscanf(line, "%*d %*d %n", &skip);
        add_line(lines, "mount", line + skip);
    }
    if (file != NULL)
        fclose(file);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct lines see_all(void)
{
    struct lines ret = {0};
    struct if_nameindex *links = if_nameindex();
    for (size_t i = 0; links != NULL && links[i].if_name != NULL; i++)
        add_line(&ret, "link", links[i].if_name);
    if_freenameindex(links);
    add_processes(&ret);
    add_mounts(&ret);
    add_groups(&ret, "/sys/fs/cgroup");
    add_files(&ret, "/run");
    qsort(ret.v, ret.n, sizeof *ret.v, by_text);
    return ret;
}

/* Tell what one has and the other has not; returns how many lines. A process
 * that has ended since is not missed: monitors end when nobody looks. */
static int differ(const char *word, const struct lines *a,
                  const struct lines *b, bool tell)
{
    int n = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (word[0] == 'g' && strncmp(a->v[i], "process", 7) == 0)
            continue;
        if (b->n > 0 && bsearch(&a->v[i], b->v, b->n, sizeof *b->v, by_text))
            continue;
        if (tell && n < SHOWN)
            printf("    %s: %s\n", word, a->v[i]);
        n++;
    }
    return n;
}

static void bury(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

static int compare(const struct lines *before, bool tell)
{
    bury();
    struct lines now = see_all();
    int n =
        differ("left", &now, before, tell) + differ("gone", before, &now, tell);
    see_done(&now);
    return n;
}

/* The kernel takes namespaces, and the links in them, apart when it has time.
 */
struct lines see_at_rest(void)
{
    enum { REST_MS = 100 };
    struct lines now = see_all();
    for (int ms = 0; ms < SETTLE_MS; ms += REST_MS) {
        usleep(REST_MS * 1000);
        if (see_same_at_once(&now))
            break;
        see_done(&now);
        now = see_all();
    }
    return now;
}

bool see_same_at_once(const struct lines *before)
{
    return compare(before, false) == 0;
}

/* What was killed takes a moment to be gone. */
bool see_same(const struct lines *before)
{
    for (int ms = 0; ms < SETTLE_MS; ms += 2) {
        if (compare(before, false) == 0)
            return true;
        usleep(2000);
    }
    return compare(before, true) == 0;
}

/* A container whose owner was killed is being killed as well: the next command
 * has nothing to look for before it is dead. */
void see_settle(const struct lines *before)
{
    for (int ms = 0; ms < SETTLE_MS; ms++) {
        struct lines now = {0};
        bury();
        add_processes(&now);
        qsort(now.v, now.n, sizeof *now.v, by_text);
        int n = differ("left", &now, before, false);
        see_done(&now);
        if (n == 0)
            return;
        usleep(1000);
    }
}
