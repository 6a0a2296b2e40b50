/* A thread for each job takes the next lab: builds it, runs it. See work.h. */
#include "work.h"

#include "build.h"
#include "course.h"
#include "files.h"
#include "inside.h"
#include "own.h"
#include "run.h"
#include "tier.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void work_done(struct work *work)
{
    strv_done(&work->labs);
}

/* What the threads share. `lock` guards next, error and all of course but what
 * is not yet run; each lab belongs to the thread that took it. */
struct shop {
    const struct work *work;
    struct course *course;
    pthread_mutex_t lock;
    size_t next;
    int result;
    struct err *e;
    struct timespec began;
};

static double seconds_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) +
           (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

/* Write what is known; with the lock held. */
static int write_output(struct shop *shop, struct err *e)
{
    auto_text struct text text = {0};
    shop->course->seconds = seconds_since(&shop->began);
    if (shop->work->output == NULL)
        return 0;
    shop->work->format->write(shop->course, &text);
    return files_replace(AT_FDCWD, shop->work->output, text.s, text.len, 0, e);
}

struct report {
    struct shop *shop;
    struct model_lab *lab;
};

/* Something that is no report is the grader's fault, and not a reason to stop:
 * the check has no verdict then. */
static int take_line(void *with, const char *line, struct err *e)
{
    struct report *report = with;
    pthread_mutex_lock(&report->shop->lock);
    int r = inside_read(report->lab, line, e);
    if (r >= 0)
        r = write_output(report->shop, e);
    else if (r == -EBADMSG)
        r = 0;
    pthread_mutex_unlock(&report->shop->lock);
    return r;
}

/* What this tier cannot prove is not tried. */
static void set_aside(const struct course *course, struct model_exercise *x)
{
    for (size_t i = 0; i < x->n_checks; i++) {
        struct model_check *check = &x->checks[i];
        if (x->tier > course->tier) {
            check->verdict = MODEL_CANNOT;
            check->reason =
                text_format("it needs the tier %s", model_tier_name(x->tier));
        }
    }
}

/* grade --inside REFERENCE PROGRAM:CHECK..., in the tier. False if there is
 * nothing to run. */
static bool command_of(const struct shop *shop, const struct model_lab *lab,
                       struct strv *ret)
{
    bool any = false;
    char self[PATH_MAX] = "";
    auto_free char *place =
        build_place(lab, shop->work->submission, shop->work->place);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return false;
    tier_command(shop->course->tier, ret);
    strv_add(ret, self);
    strv_add(ret, "--inside");
    auto_free char *reference = build_place(lab, NULL, NULL);
    bool compares = shop->work->submission && !shop->work->untraced;
    strv_add(ret, compares ? reference : "");
    for (size_t i = 0; i < lab->n_exercises; i++)
        for (size_t k = 0; k < lab->exercises[i].n_checks; k++) {
            const struct model_check *check = &lab->exercises[i].checks[k];
            if (check->verdict != MODEL_NOT_RUN)
                continue;
            strv_addf(ret, "%s/%s:%s", place, check->program, check->name);
            any = true;
        }
    return any;
}

/* What has no verdict now was not reached: the grader's fault, or the
 * machine's. */
static void close_lab(struct model_lab *lab, enum model_verdict verdict,
                      const char *why)
{
    for (size_t i = 0; i < lab->n_exercises; i++)
        for (size_t k = 0; k < lab->exercises[i].n_checks; k++) {
            struct model_check *check = &lab->exercises[i].checks[k];
            if (check->verdict != MODEL_NOT_RUN)
                continue;
            check->verdict = verdict;
            check->reason = own_strdup(why);
        }
}

static int grade_lab(struct shop *shop, struct model_lab *lab, struct err *e)
{
    auto_strv struct strv command = {0};
    struct report report = {shop, lab};
    for (size_t i = 0; i < lab->n_exercises; i++)
        set_aside(shop->course, &lab->exercises[i]);
    int r = build_lab(lab, shop->work->submission, shop->work->place, e);
    if (r < 0)
        return r;
    if (lab->broken != NULL) {
        close_lab(lab, MODEL_FAILED, lab->broken);
        return 0;
    }
    if (command_of(shop, lab, &command))
        r = run_lines((const char *const *)command.v,
                      (struct run_taker){take_line, &report}, e);
    close_lab(lab, MODEL_GRADER, "it was not reached");
    return r < 0 ? r : 0;
}

static void *work_on(void *with)
{
    struct shop *shop = with;
    for (;;) {
        pthread_mutex_lock(&shop->lock);
        size_t i = shop->next++;
        bool more = i < shop->course->n_labs && shop->result >= 0;
        pthread_mutex_unlock(&shop->lock);
        if (!more)
            return NULL;
        struct err e;
        int r = grade_lab(shop, &shop->course->labs[i], &e);
        pthread_mutex_lock(&shop->lock);
        if (r < 0 && shop->result >= 0) {
            shop->result = r;
            *shop->e = e;
        }
        pthread_mutex_unlock(&shop->lock);
    }
}

void work_side_by_side(int threads, void *(*do_next)(void *arg), void *arg)
{
    pthread_t others[64];
    int n = 0;
    while (n < threads - 1 && n < 64 &&
           pthread_create(&others[n], NULL, do_next, arg) == 0)
        n++;
    do_next(arg);
    for (int i = 0; i < n; i++)
        pthread_join(others[i], NULL);
}

static void begin(const struct work *work, struct course *course)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;
    const char *from = work->submission ? work->submission : "the reference";
    const char *slash = strrchr(from, '/');
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    course->started = own_strdup(stamp);
    course->student = own_strdup(slash && slash[1] != '\0' ? slash + 1 : from);
    course->explain = work->explain;
}

/* One digest of all the files that were graded, as a proof of what they were.
 */
static int hash_files(const struct work *work, struct course *course,
                      struct err *e)
{
    auto_text struct text said = {0};
    char script[] = "cd \"$1\" && sha256sum */source/*/*.c | sha256sum |"
                    " cut -d ' ' -f 1";
    const char *const argv[] = {"sh", "-c", script, "sh", work->place, NULL};
    int r = work->submission ? run_read(argv, false, &said, e) : 0;
    text_trim(&said);
    course->hash = own_strdup(said.s ? said.s : "");
    return r < 0 ? r : 0;
}

/* The sandbox and the lab kernel have directories of their own in these places;
 * what is built there is not seen in them. The tree itself is, wherever it is.
 */
static int check_place(const struct work *work, enum model_tier tier,
                       struct err *e)
{
    static const char *const hidden[] = {"/run/", "/tmp/"};
    auto_free char *top = realpath(".", NULL);
    auto_free char *path = files_mkdirs(AT_FDCWD, work->place, 0755, e) < 0
                               ? NULL
                               : realpath(work->place, NULL);
    if (path == NULL || top == NULL)
        return err_set(e, EIO, "--work %s: no such directory", work->place);
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (tier >= MODEL_KERNEL && text_starts(path, hidden[i]) &&
            !text_starts(path, top))
            return err_set(e, EINVAL, "--work %s: not below %s in tier %s",
                           work->place, hidden[i], model_tier_name(tier));
    return 0;
}

int work_grade(const struct work *work, struct course *ret, struct err *e)
{
    struct shop shop = {
        .work = work, .course = ret, .lock = PTHREAD_MUTEX_INITIALIZER, .e = e};
    clock_gettime(CLOCK_MONOTONIC, &shop.began);
    begin(work, ret);
    int r = course_read(ret, &work->labs, e);
    int tier = work->tier >= 0 ? work->tier : tier_best();
    if (r >= 0)
        r = tier_needs((enum model_tier)tier, e);
    if (r >= 0 && work->submission != NULL)
        r = check_place(work, (enum model_tier)tier, e);
    if (r < 0)
        return r;
    ret->tier = (enum model_tier)tier;
    work_side_by_side(work->jobs < (int)ret->n_labs ? work->jobs
                                                    : (int)ret->n_labs,
                      work_on, &shop);
    if (shop.result < 0)
        return shop.result;
    model_settle(ret);
    r = hash_files(work, ret, e);
    return r < 0 ? r : write_output(&shop, e);
}
