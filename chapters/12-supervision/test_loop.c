/* The event loop: descriptors, time and signals on a real kernel. */
#include "contract.h"
#include "loop.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What was called, a letter each. Everything here is called with a letter; a
 * capital one ends the loop. */
static char story[64];
static struct loop *loop;
static int ends[4][2];

static void tell(void *arg)
{
    char c = *(const char *)arg;
    if (strlen(story) + 1 < sizeof story)
        story[strlen(story)] = c;
    if (c >= 'A' && c <= 'Z')
        loop_stop(loop);
}

static void tell_event(void *arg, uint32_t events)
{
    (void)events;
    tell(arg);
}

/* The letters are what comes out of the pipe. */
static void tell_byte(void *arg, uint32_t events)
{
    char c;
    ck_assert_uint_eq(events & EPOLLIN, EPOLLIN);
    ck_assert_int_eq(read(*(const int *)arg, &c, 1), 1);
    tell(&c);
}

static void open_all(void)
{
    struct err e;
    ck_assert_msg(loop_open(&loop, &e) == 0, "%s", e.msg);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pipe2(ends[i], O_CLOEXEC), 0);
}

static void put(int pipe, const char *bytes)
{
    ssize_t len = (ssize_t)strlen(bytes);
    ck_assert_int_eq(write(ends[pipe][1], bytes, (size_t)len), len);
}

static void add_fd(int fd, uint32_t events, void (*ready)(void *, uint32_t),
                   const void *arg)
{
    struct err e;
    ck_assert_msg(
        loop_add(loop, fd, events, ready, (void *)(uintptr_t)arg, &e) == 0,
        "%s", e.msg);
}

static int add_timer(int64_t after_ms, const char *letter)
{
    int id = loop_timer(loop, after_ms, tell, (void *)(uintptr_t)letter, NULL);
    ck_assert_int_gt(id, 0);
    return id;
}

static void run(void)
{
    struct err e;
    ck_assert_msg(loop_run(loop, &e) == 0, "%s", e.msg);
}

/* --- descriptors ---------------------------------------------------------- */

START_TEST(lab_12_5_each_is_called_for_its_own_until_it_is_removed)
{
    open_all();
    add_fd(ends[0][0], EPOLLIN, tell_byte, &ends[0][0]);
    add_fd(ends[1][0], EPOLLIN, tell_byte, &ends[1][0]);
    put(0, "abcZ");
    run();
    ck_assert_str_eq(story, "abcZ");
    loop_remove(loop, ends[0][0]);
    loop_remove(loop, ends[0][0]);
    put(0, "x");
    put(1, "dY");
    run();
    ck_assert_str_eq(story, "abcZdY");
    ck_assert_int_eq(loop_modify(loop, ends[0][0], EPOLLIN, NULL), -ENOENT);
    ck_assert_int_eq(loop_add(loop, ends[1][0], EPOLLIN, tell_byte, NULL, NULL),
                     -EEXIST);
    loop_close(loop);
}
END_TEST

/* Removes all the others, and itself. */
static void remove_all(void *arg, uint32_t events)
{
    (void)events;
    tell(arg);
    for (int i = 0; i < 4; i++)
        loop_remove(loop, ends[i][0]);
}

START_TEST(lab_12_5_who_was_removed_is_not_called_though_it_was_ready)
{
    open_all();
    for (int i = 0; i < 4; i++) {
        add_fd(ends[i][0], EPOLLIN, remove_all, "r");
        put(i, "x");
    }
    add_timer(50, "T");
    run();
    ck_assert_str_eq(story, "rT");
    loop_close(loop);
}
END_TEST

/* The same number is somebody else's at once. */
static void replace_others(void *arg, uint32_t events)
{
    (void)events;
    tell(arg);
    for (int i = 0; i < 4; i++) {
        loop_remove(loop, ends[i][0]);
        add_fd(ends[i][0], EPOLLOUT, tell_event, "!"); /* never */
    }
}

START_TEST(lab_12_5_an_event_of_before_is_not_for_who_came_after)
{
    open_all();
    for (int i = 0; i < 4; i++) {
        add_fd(ends[i][0], EPOLLIN, replace_others, "r");
        put(i, "x");
    }
    add_timer(50, "T");
    run();
    ck_assert_str_eq(story, "rT");
    loop_close(loop);
}
END_TEST

/* Both are ready in one turn. */
START_TEST(lab_12_5_who_stops_it_is_the_last_to_be_called)
{
    open_all();
    add_fd(ends[0][0], EPOLLIN, tell_byte, &ends[0][0]);
    add_fd(ends[1][0], EPOLLIN, tell_byte, &ends[1][0]);
    put(0, "Z");
    put(1, "Z");
    run();
    ck_assert_str_eq(story, "Z");
    run();
    ck_assert_str_eq(story, "ZZ");
    loop_close(loop);
}
END_TEST

static void note_nothing(int signal)
{
    (void)signal;
}

static int64_t used_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Somebody sends a signal, and then a byte. */
START_TEST(lab_12_5_it_sleeps_until_something_comes)
{
    open_all();
    add_fd(ends[0][0], EPOLLIN, tell_byte, &ends[0][0]);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = note_nothing}, NULL);
    pid_t waker = fork();
    if (waker == 0) {
        for (int i = 0; i < 5; i++) {
            poll(NULL, 0, 40);
            kill(getppid(), SIGUSR1);
        }
        put(0, "Z");
        _exit(0);
    }
    int64_t before = used_ms();
    run();
    ck_assert_str_eq(story, "Z");
    ck_assert_int_lt(used_ms() - before, 100);
    ck_assert_int_eq(waitpid(waker, NULL, 0), waker);
    loop_close(loop);
}
END_TEST

static void tell_and_stop(void *arg, uint32_t events)
{
    tell_event(arg, events);
    if (strlen(story) == 3)
        loop_stop(loop);
}

START_TEST(lab_12_5_a_regular_file_is_not_slept_for)
{
    open_all();
    auto_fd int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    add_fd(file, EPOLLIN, tell_and_stop, "f");
    alarm(3); /* or it would sleep for ever */
    run();
    ck_assert_str_eq(story, "fff");
    loop_close(loop);
}
END_TEST

START_TEST(lab_12_5_a_regular_file_is_always_ready_and_starves_nobody)
{
    open_all();
    auto_fd int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    add_fd(file, EPOLLIN, tell_event, "f");
    add_fd(ends[0][0], EPOLLIN, tell_byte, &ends[0][0]);
    put(0, "aZ");
    run();
    ck_assert_ptr_nonnull(strchr(story, 'f'));
    ck_assert_ptr_nonnull(strchr(story, 'a'));
    memset(story, 0, sizeof story);
    ck_assert_int_eq(loop_modify(loop, file, 0, NULL), 0);
    add_timer(20, "T");
    run();
    ck_assert_str_eq(story, "T");
    loop_close(loop);
}
END_TEST

/* Processor time of this process in milliseconds. */
static int64_t cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

START_TEST(who_waits_for_nothing_does_not_make_the_loop_spin)
{
    open_all();
    add_fd(ends[0][0], EPOLLIN, tell_event, "h");
    ck_assert_int_eq(loop_modify(loop, ends[0][0], 0, NULL), 0);
    close(ends[0][1]); /* hung up, which epoll(7) would report for ever */
    int64_t before = cpu_ms();
    add_timer(300, "T");
    run();
    ck_assert_str_eq(story, "T");
    ck_assert_int_lt(cpu_ms() - before, 100);
    ck_assert_int_eq(loop_modify(loop, ends[0][0], EPOLLIN, NULL), 0);
    add_timer(20, "T");
    run();
    ck_assert_ptr_nonnull(strchr(story, 'h'));
    loop_close(loop);
}
END_TEST

/* --- time ----------------------------------------------------------------- */

START_TEST(timers_come_in_their_order_and_cancelled_ones_do_not)
{
    open_all();
    add_timer(30, "c");
    add_timer(10, "a");
    int cancelled = add_timer(15, "x");
    add_timer(20, "b");
    add_timer(40, "Z");
    loop_cancel(loop, cancelled);
    loop_cancel(loop, cancelled);
    run();
    ck_assert_str_eq(story, "abcZ");
    ck_assert_int_eq(loop_timer(loop, -1, tell, NULL, NULL), -EINVAL);
    ck_assert_int_eq(loop_timer(loop, INT64_MAX, tell, NULL, NULL), -EINVAL);
    loop_close(loop);
}
END_TEST

static void again_at_once(void *arg)
{
    loop_timer(loop, 0, again_at_once, arg, NULL);
}

START_TEST(a_timer_that_is_always_due_starves_nobody)
{
    open_all();
    again_at_once(NULL);
    add_fd(ends[0][0], EPOLLIN, tell_byte, &ends[0][0]);
    put(0, "aZ");
    run();
    ck_assert_str_eq(story, "aZ");
    loop_close(loop);
}
END_TEST

/* --- signals and descriptors left ----------------------------------------- */

static void tell_signal(void *arg, const struct signalfd_siginfo *info)
{
    ck_assert_int_eq((pid_t)info->ssi_pid, getpid());
    tell((char[]){info->ssi_signo == SIGUSR1 ? '1' : 'U'});
    (void)arg;
}

START_TEST(signals_wait_for_the_loop_and_the_mask_is_put_back)
{
    sigset_t set, now;
    open_all();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    ck_assert_int_eq(loop_signals(loop, &set, tell_signal, NULL, NULL), 0);
    raise(SIGUSR1); /* would end us */
    raise(SIGUSR2);
    run();
    ck_assert_str_eq(story, "1U");
    loop_close(loop);
    sigprocmask(SIG_BLOCK, NULL, &now);
    ck_assert(!sigismember(&now, SIGUSR1));
}
END_TEST

START_TEST(no_descriptor_is_left_or_survives_exec)
{
    int before = dup(0), after;
    close(before);
    ck_assert_int_eq(loop_open(&loop, NULL), 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(loop_signals(loop, &set, tell_signal, NULL, NULL), 0);
    for (int fd = before; fd < before + 3; fd++)
        ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    loop_close(loop);
    loop_close(NULL);
    after = dup(0);
    ck_assert_int_eq(after, before);
    ck_assert_int_eq(fcntl(before + 1, F_GETFD), -1);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_12_5_each_is_called_for_its_own_until_it_is_removed);
    tcase_add_test(tc,
                   lab_12_5_who_was_removed_is_not_called_though_it_was_ready);
    tcase_add_test(tc, lab_12_5_an_event_of_before_is_not_for_who_came_after);
    tcase_add_test(tc, lab_12_5_who_stops_it_is_the_last_to_be_called);
    tcase_add_test(tc, lab_12_5_it_sleeps_until_something_comes);
    tcase_add_test(tc, lab_12_5_a_regular_file_is_not_slept_for);
    tcase_add_test(tc,
                   lab_12_5_a_regular_file_is_always_ready_and_starves_nobody);
    tcase_add_test(tc, who_waits_for_nothing_does_not_make_the_loop_spin);
    tcase_add_test(tc, timers_come_in_their_order_and_cancelled_ones_do_not);
    tcase_add_test(tc, a_timer_that_is_always_due_starves_nobody);
    tcase_add_test(tc, signals_wait_for_the_loop_and_the_mask_is_put_back);
    tcase_add_test(tc, no_descriptor_is_left_or_survives_exec);
}

int main(void)
{
    return contract_main("loop", add);
}
