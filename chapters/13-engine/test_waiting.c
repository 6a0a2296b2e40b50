/* Who waits for a container before it has been started, and who comes to him.
 * There is neither a container nor a monitor: an id is enough. */
#include "fault.h"
#include "test_store.h"
#include "waiting.h"

#include <poll.h>
#include <sys/socket.h>

#define ID "aaaa111111111111111111111111111111111111111111111111111111111111"
#define OTHER "bbbb111111111111111111111111111111111111111111111111111111111111"

static struct engine *engine;

static void enter(void)
{
    store_enter();
    engine = store_open();
}

static void wait_for(struct waiting *ret, char kind, int detail)
{
    *ret = (struct waiting){engine, kind, detail, -1, NULL};
    must(waiting_open(ret, ID, &why));
}

static bool is_there(const char *path)
{
    return exists(engine->runfd, path, "");
}

/* Whom the monitor met. */
struct met {
    int n, details; /* all of them together */
    char kinds[16];
    int fds[16];
};

static void remember(void *arg, int fd, char kind, int detail)
{
    struct met *met = arg;
    ck_assert_int_lt(met->n, 16);
    met->kinds[met->n] = kind;
    met->fds[met->n++] = fd;
    met->details += detail;
}

/* The monitor is there. */
static struct met come(void)
{
    struct met met = {.n = 0};
    waiting_each(engine, ID, remember, &met);
    return met;
}

static bool somebody_comes(const struct waiting *waiting)
{
    struct pollfd fd = {.fd = waiting->fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

/* He who came has gone without a word. */
static void is_hung_up_on(struct waiting *waiting)
{
    char byte;
    ck_assert(somebody_comes(waiting));
    auto_fd int fd = waiting_meet(waiting, &why);
    must(fd);
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
}

START_TEST(who_waits_is_met_and_both_can_talk)
{
    char byte = 'x';
    enter();
    auto_waiting struct waiting waiting;
    wait_for(&waiting, WAITING_ATTACH, 3);
    ck_assert(!somebody_comes(&waiting));
    struct met met = come();
    ck_assert_int_eq(met.n, 1);
    ck_assert_int_eq(met.kinds[0], WAITING_ATTACH);
    ck_assert_int_eq(met.details, 3);
    auto_fd int fd = waiting_meet(&waiting, &why);
    must(fd);
    ck_assert_int_eq(send(met.fds[0], &byte, 1, 0), 1);
    byte = 0;
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'x');
    /* His name is taken, so nobody else comes, and nothing is left. */
    ck_assert(!waiting_withdraw(&waiting));
    ck_assert_int_eq(come().n, 0);
    ck_assert(!is_there("waiting"));
}
END_TEST

START_TEST(everybody_who_waits_for_it_is_met_once)
{
    enter();
    auto_waiting struct waiting one, two, three;
    auto_waiting struct waiting other = {engine, WAITING_END, 0, -1, NULL};
    wait_for(&one, WAITING_ATTACH, 1);
    wait_for(&two, WAITING_END, 10);
    wait_for(&three, WAITING_END, 100);
    must(waiting_open(&other, OTHER, &why));
    ck_assert_str_ne(two.path, three.path);
    struct met met = come();
    ck_assert_int_eq(met.n, 3);
    ck_assert_int_eq(met.details, 111);
    ck_assert(somebody_comes(&one) && somebody_comes(&two));
    ck_assert(somebody_comes(&three));
    ck_assert(!somebody_comes(&other));
    ck_assert(!is_there("waiting/" ID));
    ck_assert(waiting_withdraw(&other));
    ck_assert(!is_there("waiting"));
}
END_TEST

START_TEST(nobody_waits)
{
    enter();
    ck_assert_int_eq(come().n, 0);
    waiting_dismiss(engine, ID);
    ck_assert(!is_there("waiting"));
    must(files_mkdirs(engine->runfd, "waiting/" ID, 0700, &why));
    ck_assert_int_eq(come().n, 0);
    ck_assert(!is_there("waiting"));
}
END_TEST

START_TEST(who_has_withdrawn_is_met_by_nobody)
{
    enter();
    auto_waiting struct waiting waiting;
    wait_for(&waiting, WAITING_END, 0);
    ck_assert(is_there(waiting.path));
    ck_assert(waiting_withdraw(&waiting));
    ck_assert(!waiting_withdraw(&waiting));
    ck_assert(!is_there("waiting"));
    ck_assert_int_eq(come().n, 0);
    ck_assert(!somebody_comes(&waiting));
}
END_TEST

/* Both want the name in the same moment: one has it, and both know which. */
START_TEST(of_two_who_claim_a_name_one_has_it)
{
    enter();
    for (int i = 0; i < 300; i += contract_step()) {
        auto_waiting struct waiting waiting;
        int go[2], status = -1;
        char byte;
        wait_for(&waiting, WAITING_ATTACH, 1);
        ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
        pid_t monitor = fork();
        if (monitor == 0) {
            own_close(&go[1]);
            _exit(read(go[0], &byte, 1) == 0 ? come().n : 99);
        }
        own_close(&go[0]);
        own_close(&go[1]);
        bool mine = waiting_withdraw(&waiting);
        ck_assert_int_eq(waitpid(monitor, &status, 0), monitor);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), mine ? 0 : 1);
        ck_assert_int_eq(somebody_comes(&waiting), !mine);
        ck_assert(!is_there("waiting"));
    }
}
END_TEST

/* Between its mkdir(2) and his bind(2) the directory may be gone. */
START_TEST(a_directory_that_others_remove_is_made_anew)
{
    enter();
    pid_t others = fork();
    if (others == 0)
        for (;;) {
            unlinkat(engine->runfd, "waiting/" ID, AT_REMOVEDIR);
            unlinkat(engine->runfd, "waiting", AT_REMOVEDIR);
            /* Not in step with him: or he would never get in between. */
            for (int i = rand() % 1000; i > 0; i--)
                getppid();
        }
    for (int i = 0; i < 1000; i += contract_step()) {
        auto_waiting struct waiting waiting;
        wait_for(&waiting, WAITING_END, 0);
        ck_assert(waiting_withdraw(&waiting));
    }
    kill(others, SIGKILL);
    ck_assert_int_eq(waitpid(others, NULL, 0), others);
}
END_TEST

/* His name is still there: nobody answers at it, and it is in nobody's way. */
START_TEST(one_who_vanished_is_not_met)
{
    enter();
    auto_waiting struct waiting alive;
    pid_t waits = fork();
    if (waits == 0) {
        struct waiting waiting = {engine, WAITING_ATTACH, 1, -1, NULL};
        _exit(waiting_open(&waiting, ID, NULL) < 0);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(waits, &status, 0), waits);
    ck_assert_int_eq(status, 0);
    ck_assert(is_there("waiting/" ID));
    wait_for(&alive, WAITING_END, 7);
    struct met met = come();
    ck_assert_int_eq(met.n, 1);
    ck_assert_int_eq(met.details, 7);
    ck_assert(!is_there("waiting"));
}
END_TEST

/* A monitor that is killed at any call of its way: who waits is met by the
 * next, or hears that it was in vain; nothing is left of either. */
START_TEST(a_monitor_struck_at_any_call_leaves_nobody_alone)
{
    int met_at_last = 0, in_vain = 0, status = -1;
    enter();
    for (int n = 1; status != 0; n++) {
        auto_waiting struct waiting waiting;
        wait_for(&waiting, WAITING_END, 0);
        pid_t monitor = fork();
        if (monitor == 0) {
            auto_free char *wish = text_format("*:%d:kill", n);
            _exit(fault_open(wish, NULL) < 0 || come().n != 1);
        }
        ck_assert_int_eq(waitpid(monitor, &status, 0), monitor);
        struct met met = come();
        met_at_last += met.n;
        if (met.n > 0) {
            ck_assert_int_eq(met.kinds[0], WAITING_END);
        } else {
            is_hung_up_on(&waiting);
            in_vain++;
        }
        ck_assert(!waiting_withdraw(&waiting));
        ck_assert(!is_there("waiting"));
    }
    ck_assert_int_gt(met_at_last, 0);
    ck_assert_int_gt(in_vain, 1); /* the last one was let go */
}
END_TEST

START_TEST(who_is_dismissed_is_hung_up_on)
{
    enter();
    auto_waiting struct waiting one, two;
    wait_for(&one, WAITING_ATTACH, 1);
    wait_for(&two, WAITING_END, 1);
    waiting_dismiss(engine, ID);
    is_hung_up_on(&one);
    is_hung_up_on(&two);
    ck_assert(!is_there("waiting"));
}
END_TEST

START_TEST(what_is_no_name_of_ours_is_left_alone)
{
    enter();
    auto_waiting struct waiting waiting;
    wait_for(&waiting, WAITING_END, 0);
    must(files_replace(engine->runfd, "waiting/" ID "/note", "x", 1, 0, &why));
    ck_assert_int_eq(come().n, 1);
    ck_assert(is_there("waiting/" ID "/note"));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, who_waits_is_met_and_both_can_talk);
    tcase_add_test(tc, everybody_who_waits_for_it_is_met_once);
    tcase_add_test(tc, nobody_waits);
    tcase_add_test(tc, who_has_withdrawn_is_met_by_nobody);
    tcase_add_test(tc, of_two_who_claim_a_name_one_has_it);
    tcase_add_test(tc, a_directory_that_others_remove_is_made_anew);
    tcase_add_test(tc, one_who_vanished_is_not_met);
    tcase_add_test(tc, a_monitor_struck_at_any_call_leaves_nobody_alone);
    tcase_add_test(tc, who_is_dismissed_is_hung_up_on);
    tcase_add_test(tc, what_is_no_name_of_ours_is_left_alone);
}

int main(void)
{
    return contract_main("who waits", add);
}
