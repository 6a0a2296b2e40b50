/* A terminal of the container's own, seen from its other end. */
#include "test_box.h"

#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void box_init_terminal(struct box *box, int ends[2], const char *script)
{
    box_init(box, script);
    mnt_list_add(&box->spec.mounts, "tmpfs", "/dev", "tmpfs", "mode=755",
                 &box->e);
    mnt_list_add(&box->spec.mounts, "devpts", "/dev/pts", "devpts",
                 "newinstance,ptmxmode=0666,mode=0620", &box->e);
    box->spec.default_dev = true;
    box->spec.process.terminal = true;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    box->options.console_socket = ends[1];
}

/* The master, and what came with it. */
static int receive_master(int socket)
{
    char text[64] = "";
    char cargo[CMSG_SPACE(sizeof(int))];
    struct iovec part = {.iov_base = text, .iov_len = sizeof text - 1};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = cargo,
                            .msg_controllen = sizeof cargo};
    ck_assert_int_gt(recvmsg(socket, &header, MSG_CMSG_CLOEXEC), 0);
    ck_assert_str_eq(text, "/dev/ptmx");
    struct cmsghdr *item = CMSG_FIRSTHDR(&header);
    ck_assert_ptr_nonnull(item);
    int master;
    memcpy(&master, CMSG_DATA(item), sizeof master);
    return master;
}

/* All that appears on the screen, until the last writer is gone (EIO). */
static void read_screen(int master, char out[512])
{
    size_t used = 0;
    ssize_t n;
    while (used < 511 && (n = read(master, out + used, 511 - used)) > 0)
        used += (size_t)n;
    out[used] = '\0';
}

START_TEST(its_streams_are_a_terminal_of_its_own)
{
    struct box box;
    int ends[2];
    char screen[512];
    box_init_terminal(&box, ends,
                      "tty; stty size; echo on console >/dev/console");
    box.spec.process.rows = 33;
    box.spec.process.columns = 101;
    box_start(&box);
    int master = receive_master(ends[0]);
    read_screen(master, screen);
    ck_assert_str_eq(screen, "/dev/pts/0\r\n33 101\r\non console\r\n");
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 0);
    box_end(&box);
}
END_TEST

START_TEST(the_terminal_is_its_users)
{
    struct box box;
    int ends[2];
    char screen[512];
    box_init_terminal(&box, ends, "stat -c %u $(tty); echo $(id -u)");
    box.spec.process.uid = 1000;
    box.spec.process.caps = caps_for_user(caps_default(), 1000);
    box_start(&box);
    int master = receive_master(ends[0]);
    read_screen(master, screen);
    ck_assert_str_eq(screen, "1000\r\n1000\r\n");
    box_end(&box);
}
END_TEST

/* It leads a session on it: what is typed there can interrupt. */
START_TEST(control_c_reaches_the_program)
{
    struct box box;
    int ends[2];
    box_init_terminal(&box, ends, "trap 'exit 9' INT; echo up; read x; exit 1");
    box_start(&box);
    int master = receive_master(ends[0]);
    char up[4];
    ck_assert_int_gt(read(master, up, 4), 0);
    ck_assert_int_eq(write(master, "\003", 1), 1);
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 9);
    box_end(&box);
}
END_TEST

START_TEST(a_terminal_for_nobody_is_refused)
{
    struct box box;
    int ends[2];
    box_init_terminal(&box, ends, "true");
    box.options.console_socket = 0;
    ck_assert_int_eq(box_create(&box), -EINVAL);
    ck_assert_str_eq(box.e.msg, "a terminal needs a console socket");
}
END_TEST

/* An image that poses as the terminal multiplexer, or leads the console
 * elsewhere (CVE-2025-52565). */
START_TEST(what_poses_as_a_terminal_is_refused)
{
    struct box box;
    int ends[2];
    box_init_terminal(&box, ends, "true");
    mnt_list_remove(&box.spec.mounts, "/dev");
    mnt_list_remove(&box.spec.mounts, "/dev/pts");
    ck_assert_int_eq(mkdir(BOX_ROOT "/dev", 0755), 0);
    ck_assert_int_eq(mkdir(BOX_ROOT "/dev/pts", 0755), 0);
    ck_assert_int_eq(mkfifo(BOX_ROOT "/dev/pts/ptmx", 0666), 0);
    ck_assert_int_eq(box_fails(&box), -ENODEV);
    ck_assert_str_eq(box.e.msg,
                     "terminal: /dev/pts/ptmx is no terminal multiplexer");
}
END_TEST

START_TEST(a_console_that_leads_elsewhere_is_refused)
{
    struct box box;
    int ends[2];
    box_init_terminal(&box, ends, "true");
    mnt_list_remove(&box.spec.mounts, "/dev");
    ck_assert_int_eq(mkdir(BOX_ROOT "/dev", 0755), 0);
    ck_assert_int_eq(symlink("/proc/self/comm", BOX_ROOT "/dev/console"), 0);
    ck_assert_int_eq(box_fails(&box), -ELOOP);
    ck_assert_str_eq(box.e.msg, "terminal: /dev/console is a symbolic link");
}
END_TEST

START_TEST(exec_gets_a_terminal_of_the_container)
{
    struct box box;
    int ends[2];
    char screen[512];
    box_init_terminal(&box, ends, "echo up; read x");
    box_start(&box);
    int first = receive_master(ends[0]);
    char up[4];
    ck_assert_int_gt(read(first, up, 4), 0);
    int dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct ctr_identity identity;
    ck_assert_int_eq(ctr_identity_save(dir, "state", box.ctr.pid, &box.e), 0);
    ck_assert_int_eq(ctr_identity_load(dir, "state", &identity, &box.e), 0);
    struct spec_process process = box.spec.process;
    char *args[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"tty; stty size"},
                    NULL};
    process.args = (struct strv){.v = args, .n = 3};
    process.rows = 5;
    process.columns = 6;
    struct ctr_options options = {
        .stdio = {-1, -1, -1},
          .console_socket = ends[1]
    };
    auto_fd int pidfd =
        ctr_exec(&identity, box.spec.cgroup, &process, &options, &box.e);
    ck_assert_msg(pidfd >= 0, "%s", box.e.msg);
    read_screen(receive_master(ends[0]), screen);
    ck_assert_str_eq(screen, "/dev/pts/1\r\n5 6\r\n");
    ck_assert_int_eq(proc_wait(pidfd, &box.e), 0);
    box_end(&box);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, its_streams_are_a_terminal_of_its_own);
    tcase_add_test(tc, the_terminal_is_its_users);
    tcase_add_test(tc, control_c_reaches_the_program);
    tcase_add_test(tc, a_terminal_for_nobody_is_refused);
    tcase_add_test(tc, what_poses_as_a_terminal_is_refused);
    tcase_add_test(tc, a_console_that_leads_elsewhere_is_refused);
    tcase_add_test(tc, exec_gets_a_terminal_of_the_container);
}

int main(void)
{
    return contract_main("terminal", add);
}
