/* One check, one process: limits, a channel, and an end. See inside.h. */
#include "inside.h"

#include "difference.h"
#include "inside_end.h"
#include "own.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL 9
#define TRACE 8
#define TRACE_MAX (1 << 20)
/* What a check may take where a program starts within two milliseconds, and at
 * least when others have taken all of theirs. */
#define BUDGET_MS 10000
#define BUDGET_LEAST_MS 1000

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How many times slower than usual programs start here: 1 to 10. */
static int slowness(void)
{
    enum { TIMES = 10, USUAL_MS = 2 };
    int64_t began = now_ms();
    for (int i = 0; i < TIMES; i++) {
        auto_fd int pidfd = -1;
        struct err e;
        int pid = proc_clone(0, -1, &pidfd, &e);
        if (pid == 0) {
            execl("/bin/true", "true", (char *)NULL);
            _exit(127);
        }
        if (pid > 0)
            proc_wait(pidfd, &e);
    }
    int64_t times = (now_ms() - began) / (TIMES * USUAL_MS);
    return times < 1 ? 1 : times > 10 ? 10 : (int)times;
}

/* --- the child --------------------------------------------------------------
 */

static void limit(int resource, rlim_t value)
{
    struct rlimit limits = {value, value};
    setrlimit((__rlimit_resource_t)resource, &limits);
}

/* A signal that whoever started us ignores (nohup(1) does) or blocks would be
 * so in the check, too. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become(const struct inside_check *check)
{
    char channel[96], name[200], timeout[64];
    const char *tmp = getenv("TMPDIR");
    auto_free char *place = text_format("TMPDIR=%s", tmp ? tmp : "/tmp");
    snprintf(channel, sizeof channel, "GRADE_CHANNEL=%d %s", CHANNEL,
             check->word);
    snprintf(name, sizeof name, "GRADE_CHECK=%s", check->name);
    snprintf(timeout, sizeof timeout, "CK_TIMEOUT_MULTIPLIER=%.2f",
             check->budget_ms / 60000.0);
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", home[] = "HOME=/",
         lang[] = "LC_ALL=C", step[] = "WALK_STEP=11";
    char trace[] = "MINI_DOCKER_TRACE=jsonl:/proc/self/fd/8";
    char *const environment[] = {
        channel, name, timeout,
        place,   path, home,
        lang,    step, check->trace >= 0 ? trace : NULL,
        NULL};
    char *const argv[] = {(char *)(uintptr_t)check->program, NULL};
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, (rlim_t)(check->budget_ms / 1000 * 4));
    limit(RLIMIT_FSIZE, (rlim_t)4 << 30);
    setpgid(0, 0);
    reset_signals();
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(check->output, STDOUT_FILENO);
    dup2(check->output, STDERR_FILENO);
    dup2(check->channel, CHANNEL);
    dup2(check->trace, TRACE);
    /* Whatever we were given is not for a student. */
    close_range(STDERR_FILENO + 1, CHANNEL - (check->trace >= 0 ? 2 : 1), 0);
    close_range(CHANNEL + 1, ~0U, 0);
    execve(check->program, argv, environment);
    _exit(127);
}

/* --- the parent -------------------------------------------------------------
 */

/* Whoever lost its parent came to us (PR_SET_CHILD_SUBREAPER): all of them end.
 * When one has, its own children come: so nobody is waited for who may not yet
 * have been killed. */
static void end_the_rest(void)
{
    for (int round = 0; round < 5000; round++) {
        auto_free char *path =
            text_format("/proc/self/task/%d/children", (int)getpid());
        FILE *children = fopen(path, "re");
        int pid, n = 0;
        while (children != NULL && fscanf(children, "%d", &pid) == 1) {
            kill(pid, SIGKILL);
            n++;
        }
        if (children != NULL)
            fclose(children);
        if (n == 0)
            return;
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        usleep(1000);
    }
}

/* Read the channel until the process has ended and all it said is read. False
 * if it takes too long. */
static bool listen_to(struct inside_check *check, int from, int pidfd)
{
    struct pollfd polled[] = {
        {.fd = from,  .events = POLLIN},
        {.fd = pidfd, .events = POLLIN}
    };
    int64_t end = now_ms() + check->budget_ms * 2;
    char buffer[8192];
    for (;;) {
        int64_t left = end - now_ms();
        if (left <= 0 || poll(polled, 2, (int)left) < 0)
            return false;
        if ((polled[0].revents & (POLLIN | POLLHUP)) != 0) {
            ssize_t n = read(from, buffer, sizeof buffer);
            if (n > 0 && check->said.len < 1 << 20)
                text_addn(&check->said, buffer, (size_t)n);
            if (n == 0)
                polled[0].fd = -1;
            if (n > 0)
                continue;
        }
        if ((polled[1].revents & POLLIN) != 0)
            return true;
    }
}

static int run_check(struct inside_check *check, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    auto_fd int from = ends[0], to = ends[1], pidfd = -1;
    auto_fd int output = memfd_create("output", MFD_CLOEXEC);
    if (output < 0)
        return err_sys(e, errno, "memfd_create");
    check->channel = to;
    check->output = output;
    int64_t began = now_ms();
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        become(check);
    if (pid < 0)
        return pid;
    own_close(&to);
    to = -1;
    check->in_time = listen_to(check, from, pidfd);
    kill(-pid, SIGKILL);
    proc_signal(pidfd, SIGKILL, NULL);
    check->status = proc_wait(pidfd, e);
    end_the_rest();
    check->seconds = (double)(now_ms() - began) / 1000;
    return inside_read_output(check, output, e);
}

static void make_word(char *ret, size_t size)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort();
    for (size_t i = 0; i < sizeof bytes && 2 * i + 2 < size; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

/* --- what was asked of the kernel ------------------------------------------
 */

/* Run the check of `program` once more and keep its trace; NULL if it takes too
 * long or tells too much. */
static char *trace_of(const char *program, const struct inside_check *like)
{
    struct inside_check check = {
        .program = program, .name = like->name, .budget_ms = like->budget_ms};
    struct err e;
    auto_fd int memory = memfd_create("trace", MFD_CLOEXEC);
    /* Away from the numbers that it will have. */
    auto_fd int trace = fcntl(memory, F_DUPFD_CLOEXEC, 2 * CHANNEL);
    if (trace < 0)
        return NULL;
    check.trace = trace;
    make_word(check.word, sizeof check.word);
    int r = run_check(&check, &e);
    inside_done(&check);
    auto_free char *text = own_alloc(TRACE_MAX + 1);
    ssize_t n = r < 0 || !check.in_time ? -1 : pread(trace, text, TRACE_MAX, 0);
    if (n < 0 || n == TRACE_MAX)
        return NULL;
    text[n] = '\0';
    return own_take(&text);
}

/* Where processes overtake each other, a difference may be chance: each must be
 * the same again, and again. */
static void compare(struct inside_check *check, const char *reference)
{
    enum { TIMES_MORE = 2 };
    auto_free char *program =
        text_format("%s%s", reference, strrchr(check->program, '/'));
    auto_free char *ours = trace_of(program, check);
    auto_free char *theirs = ours ? trace_of(check->program, check) : NULL;
    auto_free char *said = theirs ? difference_of(ours, theirs) : NULL;
    for (int i = 0; said != NULL && i < TIMES_MORE; i++) {
        auto_free char *ours_again = trace_of(program, check);
        auto_free char *theirs_again = trace_of(check->program, check);
        if (ours_again == NULL || !difference_is_none(ours, ours_again) ||
            theirs_again == NULL || !difference_is_none(theirs, theirs_again))
            return;
    }
    check->difference = own_take(&said);
}

/* Is there something to compare? Once for each exercise, whose name
 * ("lab_4_2_") goes to `last`. */
static bool is_worth_it(const struct inside_check *check, char last[32])
{
    int chapter, number;
    char exercise[32];
    if (check->verdict != MODEL_FAILED || !check->in_time ||
        strstr(check->reason, " is not written yet") != NULL ||
        sscanf(check->name, "lab_%d_%d_", &chapter, &number) != 2)
        return false;
    snprintf(exercise, sizeof exercise, "lab_%d_%d_", chapter, number);
    bool is_new = strcmp(exercise, last) != 0;
    memcpy(last, exercise, sizeof exercise);
    return is_new;
}

int inside_main(const char *reference, char *const checks[])
{
    int budget_ms = BUDGET_MS * slowness();
    char traced[32] = "";
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    /* A student's process is not to look into this one's memory. */
    prctl(PR_SET_DUMPABLE, 0);
    for (size_t i = 0; checks[i] != NULL; i++) {
        struct inside_check check = {.budget_ms = budget_ms, .trace = -1};
        struct err e = {0};
        char *colon = strrchr(checks[i], ':');
        if (colon == NULL)
            return 2;
        *colon = '\0';
        check.program = checks[i];
        check.name = colon + 1;
        make_word(check.word, sizeof check.word);
        int r = run_check(&check, &e);
        /* Who hangs once hangs often: the next has less. */
        if (check.seconds * 1100 >= budget_ms &&
            budget_ms >= BUDGET_LEAST_MS * 4)
            budget_ms /= 4;
        inside_judge(&check, r < 0 ? e.msg : NULL);
        if (reference[0] != '\0' && is_worth_it(&check, traced))
            compare(&check, reference);
        inside_tell(&check);
        inside_done(&check);
    }
    return 0;
}
