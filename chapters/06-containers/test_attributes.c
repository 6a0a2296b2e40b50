/* How the kernel treats the program: asked from outside, or of /proc inside. */
#include "test_box.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void box_wait_up(struct box *box)
{
    char up[3];
    box_start(box);
    ck_assert_int_eq(read(box->output, up, 3), 3);
}

START_TEST(nice_and_policy_are_as_asked)
{
    struct box box;
    box_init(&box, "echo up; while :; do :; done");
    box.spec.process.has_scheduler = true;
    box.spec.process.scheduler =
        (struct spec_scheduler){.policy = SCHED_BATCH, .nice = 7};
    box_wait_up(&box);
    ck_assert_int_eq(syscall(SYS_sched_getscheduler, box.ctr.pid), SCHED_BATCH);
    ck_assert_int_eq(getpriority(PRIO_PROCESS, (id_t)box.ctr.pid), 7);
    box_end(&box);
}
END_TEST

START_TEST(a_policy_that_is_none_is_refused)
{
    struct box box;
    box_init(&box, "true");
    box.spec.process.has_scheduler = true;
    box.spec.process.scheduler = (struct spec_scheduler){.policy = 99};
    ck_assert_int_eq(box_fails(&box), -EINVAL);
    ck_assert_str_eq(box.e.msg,
                     "scheduler: scheduling policy 99: Invalid argument");
}
END_TEST

START_TEST(io_priority_is_as_asked)
{
    struct box box;
    int idle = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6);
    box_init(&box, "echo up; while :; do :; done");
    box.spec.process.has_io_priority = true;
    box.spec.process.io_priority = idle;
    box_wait_up(&box);
    ck_assert_int_eq(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, box.ctr.pid),
                     idle);
    box_end(&box);
}
END_TEST

START_TEST(personality_is_as_asked)
{
    struct box box;
    char said[256];
    box_init(&box, "cat /proc/self/personality");
    box.spec.process.has_personality = true;
    box.spec.process.personality = 0x0040000; /* ADDR_NO_RANDOMIZE */
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "00040000\n");
    box_end(&box);
}
END_TEST

START_TEST(descriptors_to_keep_stay_and_no_others)
{
    struct box box;
    char said[256];
    box_init(&box, "cd /proc/self/fd && echo *; cat <&4");
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "kept\n", 5), 5);
    int file = dup(ends[0]), low = open("/", O_RDONLY);
    /* 3 and 4 stay, and 20, which is beyond, closes. */
    int spare = dup3(box.options.stdio[1], 30, O_CLOEXEC);
    ck_assert_int_eq(dup2(low, 20), 20);
    ck_assert_int_eq(dup3(box.output, 31, O_CLOEXEC), 31);
    box.output = 31;
    box.options.stdio[1] = spare;
    ck_assert_int_eq(dup2(file, 10), 10);
    for (int fd = 3; fd < 10; fd++)
        close(fd);
    ck_assert_int_eq(dup2(10, 3), 3);
    ck_assert_int_eq(dup2(10, 4), 4);
    close(10);
    box.spec.process.keep_fds = 2;
    box_start(&box);
    box_read(&box, said);
    ck_assert_msg(strncmp(said, "0 1 2 3 4", 9) == 0, "%s", said);
    ck_assert_msg(strstr(said, "20") == NULL, "%s", said);
    ck_assert_msg(strstr(said, "kept\n") != NULL, "%s", said);
    box_end(&box);
}
END_TEST

/* The root without pivot_root: nothing of the host is seen, nor climbed to. */
START_TEST(a_root_is_entered_without_a_pivot)
{
    struct box box;
    char said[256];
    box_init(&box, "echo *; cd ../../..; echo *; pwd");
    box.spec.root.no_pivot = true;
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "bin proc\nbin proc\n/\n");
    box_end(&box);
    /* Here, outside, all is as it was. */
    ck_assert_int_eq(access("/proc/self/status", F_OK), 0);
    ck_assert_int_eq(access("/sys/kernel", F_OK), 0);
}
END_TEST

START_TEST(the_umask_is_as_asked)
{
    struct box box;
    char said[256];
    box_init(&box, "umask");
    box.spec.process.umask = 0027;
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "0027\n");
    box_end(&box);
}
END_TEST

START_TEST(a_label_without_its_module_is_refused)
{
    contract_needs(access("/sys/module/apparmor", F_OK) != 0 &&
                       access("/sys/fs/selinux/enforce", F_OK) != 0,
                   "a kernel with security modules");
    struct box box;
    box_init(&box, "true");
    char **wish =
        _i == 0 ? &box.spec.process.apparmor : &box.spec.process.selinux;
    *wish = own_strdup("strict");
    ck_assert_int_eq(box_fails(&box), -ENOTSUP);
    ck_assert_str_eq(box.e.msg,
                     _i == 0 ? "label file: profile \"strict\": AppArmor is "
                               "not enabled on this system"
                             : "label file: label \"strict\": SELinux is not "
                               "enabled on this system");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, nice_and_policy_are_as_asked);
    tcase_add_test(tc, a_policy_that_is_none_is_refused);
    tcase_add_test(tc, io_priority_is_as_asked);
    tcase_add_test(tc, personality_is_as_asked);
    tcase_add_test(tc, descriptors_to_keep_stay_and_no_others);
    tcase_add_test(tc, a_root_is_entered_without_a_pivot);
    tcase_add_test(tc, the_umask_is_as_asked);
    tcase_add_loop_test(tc, a_label_without_its_module_is_refused, 0, 2);
}

int main(void)
{
    return contract_main("attributes", add);
}
