/*
 * The attack itself, CVE-2019-5736: a program opens its own file and becomes
 * another program, and that one writes. Roles are told apart by argv[1].
 */
#include "contract.h"
#include "files.h"
#include "own.h"
#include "shield.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define ATTACK_FD 3 /* the victim's file, as it leaks */

/* argv: name, role, the victim's path, the attack's path. */
static int be_victim(char **argv)
{
    char word[] = "attack";
    char *attack[] = {argv[0], word, NULL};
    if (strcmp(argv[1], "shielded") == 0 && shield_self(argv, NULL) < 0)
        return 100;
    auto_free char *program = shield_program();
    if (program == NULL || strcmp(program, argv[2]) != 0)
        return 101;
    int fd = open(SELF, O_RDONLY);
    if (fd != ATTACK_FD && dup2(fd, ATTACK_FD) < 0)
        return 102;
    execv(argv[3], attack);
    return 103;
}

/* Nobody executes the file any more. Exits with the kernel's answer. */
static int be_attack(void)
{
    int fd = open("/proc/self/fd/3", O_WRONLY | O_APPEND);
    return fd < 0 || write(fd, "x", 1) < 0 ? errno : 0;
}

static void copy_ourselves(const char *path)
{
    auto_fd int from = open(SELF, O_RDONLY | O_CLOEXEC);
    auto_fd int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    struct stat st;
    ck_assert(from >= 0 && to >= 0 && fstat(from, &st) == 0);
    ck_assert_int_eq(sendfile(to, from, NULL, (size_t)st.st_size), st.st_size);
}

/* What a copy of us in that role comes to. Without the power to mount, root
 * gets it back by no execve: it is gone from the bounding set. */
static int attack(const char *role, bool may_mount)
{
    char dir[] = "/tmp/test_shield.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    auto_free char *victim = text_format("%s/victim", dir);
    char ourselves[4096] = {0};
    ck_assert(readlink(SELF, ourselves, sizeof ourselves - 1) > 0);
    copy_ourselves(victim);
    pid_t pid = fork();
    if (pid == 0) {
        if (!may_mount)
            prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0);
        execl(victim, "victim", role, victim, ourselves, NULL);
        _exit(104);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, dir, NULL), 0);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(without_a_shield_the_file_is_written_to)
{
    ck_assert_int_eq(attack("bare", true), 0);
}
END_TEST

START_TEST(through_a_readonly_mount_nothing_can_be_written)
{
    contract_needs(geteuid() == 0, "root");
    ck_assert_int_eq(attack("shielded", true), EROFS);
}
END_TEST

START_TEST(without_the_power_to_mount_it_is_a_sealed_copy)
{
    ck_assert_int_eq(attack("shielded", false), EPERM);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, without_a_shield_the_file_is_written_to);
    tcase_add_test(tests, through_a_readonly_mount_nothing_can_be_written);
    tcase_add_test(tests, without_the_power_to_mount_it_is_a_sealed_copy);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "attack") == 0)
        return be_attack();
    return argc > 3 ? be_victim(argv) : contract_main("shield", add);
}
