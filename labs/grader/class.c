/* One grader for each submission. See class.h. */
#include "class.h"

#include "class_table.h"
#include "files.h"
#include "own.h"
#include "run.h"
#include "tier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

/* What the threads share; `lock` guards next and what is printed. */
struct hall {
    const struct work *work;
    const struct strv *names;
    pthread_mutex_t lock;
    size_t next;
    char self[PATH_MAX];
};

static int find_submissions(const char *place, struct strv *ret, struct err *e)
{
    struct dirent **entries;
    int n = scandir(place, &entries, NULL, versionsort);
    if (n < 0)
        return err_sys(e, errno, "%s", place);
    for (int i = 0; i < n; i++) {
        auto_free char *path = text_format("%s/%s", place, entries[i]->d_name);
        struct stat st;
        if (entries[i]->d_name[0] != '.' && lstat(path, &st) == 0 &&
            S_ISDIR(st.st_mode))
            strv_add(ret, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return ret->n > 0 ? 0 : err_set(e, ENOENT, "%s: no submissions", place);
}

/* An empty directory that who grades it can write to. */
static int make_place(const char *path, struct err *e)
{
    int r = files_remove_tree(AT_FDCWD, path, e);
    if (r >= 0)
        r = files_mkdirs(AT_FDCWD, path, 0755, e);
    if (r >= 0 && geteuid() == 0 && chown(path, NOBODY, NOBODY) < 0)
        r = err_sys(e, errno, "%s", path);
    return r;
}

static int grade_one(const struct hall *hall, const char *name, struct err *e)
{
    const struct work *work = hall->work;
    auto_strv struct strv argv = {0};
    auto_text struct text said = {0};
    auto_free char *place = text_format("%s/%s", work->place, name);
    int r = make_place(place, e);
    if (r < 0)
        return r;
    if (work->tier != MODEL_ROOT)
        tier_as_nobody(&argv);
    strv_add(&argv, hall->self);
    strv_addf(&argv, "--submission=%s/%s", work->class_of, name);
    strv_addf(&argv, "--work=%s", place);
    strv_addf(&argv, "--output=%s/result.json", place);
    strv_addf(&argv, "--tier=%s",
              model_tier_name(work->tier < 0 ? MODEL_KERNEL
                                             : (enum model_tier)work->tier));
    strv_add(&argv, "--format=json");
    strv_add(&argv, "-j1");
    for (size_t i = 0; i < work->labs.n; i++)
        strv_add(&argv, work->labs.v[i]);
    r = run_read((const char *const *)argv.v, true, &said, e);
    text_trim(&said);
    if (r == 0 || r == 1)
        return 0;
    return r < 0 ? r : err_set(e, EIO, "%.200s", said.s);
}

static void *work_on(void *with)
{
    struct hall *hall = with;
    for (;;) {
        pthread_mutex_lock(&hall->lock);
        size_t i = hall->next++;
        pthread_mutex_unlock(&hall->lock);
        if (i >= hall->names->n)
            return NULL;
        struct err e;
        if (grade_one(hall, hall->names->v[i], &e) >= 0)
            continue;
        pthread_mutex_lock(&hall->lock);
        fprintf(stderr, "grade: %s: %s\n", hall->names->v[i], e.msg);
        pthread_mutex_unlock(&hall->lock);
    }
}

int class_grade(const struct work *work, struct err *e)
{
    auto_strv struct strv names = {0};
    struct hall hall = {
        .work = work, .names = &names, .lock = PTHREAD_MUTEX_INITIALIZER};
    int r = find_submissions(work->class_of, &names, e);
    if (r < 0)
        return r;
    if (readlink("/proc/self/exe", hall.self, sizeof hall.self - 1) < 0)
        return err_sys(e, errno, "/proc/self/exe");
    work_side_by_side(work->jobs, work_on, &hall);
    return class_table(work, &names, e);
}
