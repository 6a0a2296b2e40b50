/* The second gate: a container that one process creates and another starts. */
#include "test_box.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A box that waits at the socket "start" in the scratch directory. */
static int dir;
static void box_init_waiting(struct box *box, const char *script)
{
    box_init(box, script);
    dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(dir, 0);
    box->options.start_socket = ctr_listen(dir, "start", &box->e);
    ck_assert_msg(box->options.start_socket > 0, "%s", box->e.msg);
}

/* Create it and leave it there. */
static void leave(struct box *box)
{
    ck_assert_msg(box_create(box) == 0, "%s", box->e.msg);
    ck_assert_msg(ctr_leave(&box->ctr, &box->e) == 0, "%s", box->e.msg);
}

START_TEST(a_container_waits_until_somebody_starts_it)
{
    struct box box;
    char said[256];
    box_init_waiting(&box, "echo ran; exit 3");
    leave(&box);
    close(box.options.start_socket);
    struct pollfd output = {.fd = box.output, .events = POLLIN};
    ck_assert_int_eq(poll(&output, 1, 100), 0);
    ck_assert_int_eq(ctr_is_waiting(dir, "start"), 1);
    ck_assert_int_eq(ctr_is_waiting(dir, "start"), 1);
    ck_assert_msg(ctr_start_waiting(dir, "start", &box.e) == 0, "%s",
                  box.e.msg);
    box_read(&box, said);
    ck_assert_str_eq(said, "ran\n");
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 3);
    ck_assert_int_eq(ctr_is_waiting(dir, "start"), 0);
    ck_assert_int_eq(ctr_start_waiting(dir, "start", &box.e), -ECONNREFUSED);
    box_end(&box);
}
END_TEST

START_TEST(its_creator_may_have_ended)
{
    struct box box;
    char said[256];
    box_init_waiting(&box, "echo ran");
    pid_t creator = fork();
    if (creator == 0) {
        leave(&box);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(creator, &status, 0), creator);
    ck_assert_int_eq(status, 0);
    close(box.options.start_socket);
    close(box.options.stdio[1]);
    ck_assert_msg(ctr_start_waiting(dir, "start", &box.e) == 0, "%s",
                  box.e.msg);
    box_read(&box, said);
    ck_assert_str_eq(said, "ran\n");
    ck_assert_int_eq(ctr_remove_remains(box.spec.cgroup, &box.e), 0);
    spec_done(&box.spec);
}
END_TEST

START_TEST(what_cannot_be_made_is_told_to_the_creator)
{
    struct box box;
    box_init_waiting(&box, "true");
    free(box.spec.process.args.v[0]);
    box.spec.process.args.v[0] = own_strdup("nosuch");
    ck_assert_int_eq(box_create(&box), -CTR_NOT_FOUND);
    ck_assert_str_eq(box.e.msg,
                     "exec: \"nosuch\": executable file not found in $PATH");
}
END_TEST

/* Whoever asks only for what is of a process that has ended. */
static int look_too_late(void *arg, pid_t pid, struct err *e)
{
    char path[64];
    struct stat st;
    (void)arg;
    snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
    for (int i = 0; i < 10000 && stat(path, &st) == 0; i++)
        usleep(1000);
    return err_sys(e, errno, "too late for %s", path);
}

START_TEST(why_it_ended_is_told_and_not_that_it_is_gone)
{
    struct box box;
    box_init(&box, "true");
    box.options.created = look_too_late;
    free(box.spec.process.args.v[0]);
    box.spec.process.args.v[0] = own_strdup("nosuch");
    ck_assert_int_eq(box_create(&box), -CTR_NOT_FOUND);
    ck_assert_ptr_eq(strstr(box.e.msg, "too late"), NULL);
    box_end(&box);
}
END_TEST

START_TEST(what_fails_after_the_gate_is_told_to_the_starter)
{
    struct box box;
    box_init_waiting(&box, "true");
    /* A script without an interpreter is found, and cannot be executed. */
    int script = creat(BOX_ROOT "/bin/script", 0755);
    ck_assert_int_eq(write(script, "#!/nosuch\n", 10), 10);
    close(script);
    free(box.spec.process.args.v[0]);
    box.spec.process.args.v[0] = own_strdup("script");
    leave(&box);
    close(box.options.start_socket);
    ck_assert_int_eq(ctr_start_waiting(dir, "start", &box.e), -CTR_NOT_FOUND);
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 125);
    box_end(&box);
}
END_TEST

/* Who is killed while somebody's word lies unread was not started. */
START_TEST(a_death_at_the_socket_is_no_success)
{
    struct box box;
    box_init_waiting(&box, "true");
    leave(&box);
    ck_assert_int_eq(cg_freeze(&box.ctr.cg, &box.e), 0);
    pid_t starter = fork();
    if (starter == 0) {
        close(box.options.start_socket);
        _exit(ctr_start_waiting(dir, "start", &box.e) == -ECONNREFUSED ? 0 : 1);
    }
    struct pollfd queue = {.fd = box.options.start_socket, .events = POLLIN};
    ck_assert_int_eq(poll(&queue, 1, -1), 1); /* he has connected */
    close(box.options.start_socket);
    ck_assert_int_eq(ctr_destroy(&box.ctr, &box.e), 0);
    int status;
    ck_assert_int_eq(waitpid(starter, &status, 0), starter);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(nothing_of_the_gates_is_open_inside)
{
    struct box box;
    char said[256];
    box_init_waiting(&box, "cd /proc/self/fd && echo *");
    leave(&box);
    close(box.options.start_socket);
    ck_assert_int_eq(ctr_start_waiting(dir, "start", &box.e), 0);
    box_read(&box, said);
    ck_assert_msg(strncmp(said, "0 1 2", 5) == 0 && strlen(said) <= 8, "%s",
                  said);
    box_end(&box);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_container_waits_until_somebody_starts_it);
    tcase_add_test(tc, its_creator_may_have_ended);
    tcase_add_test(tc, what_cannot_be_made_is_told_to_the_creator);
    tcase_add_test(tc, why_it_ended_is_told_and_not_that_it_is_gone);
    tcase_add_test(tc, what_fails_after_the_gate_is_told_to_the_starter);
    tcase_add_test(tc, a_death_at_the_socket_is_no_success);
    tcase_add_test(tc, nothing_of_the_gates_is_open_inside);
}

int main(void)
{
    return contract_main("gates", add);
}
