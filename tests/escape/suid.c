/*
 * suid set | suid inherit - a file that makes root of an ordinary user: by its
 * mode, execve(2), or by the capabilities in its attribute, capabilities(7).
 *
 * "set": no_new_privs, prctl(2), is what stops a setuid file. "inherit": a file
 * that passes on what is inheritable gives nothing as long as nothing is
 * (CVE-2022-24769, CVE-2022-29162: runtimes that set what should be empty).
 */
#include "attack.h"

#include <linux/capability.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define COPY "/tmp/suid"

static int tell(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    printf("euid: %u\n", geteuid());
    if (syscall(SYS_capget, &header, data) == 0)
        printf("capabilities: %x\n", data[0].permitted);
    return 0;
}

static int copy_ourselves(void)
{
    struct stat st;
    unlink(COPY);
    int from = open("/proc/self/exe", O_RDONLY);
    int to = open(COPY, O_WRONLY | O_CREAT | O_EXCL, 0755);
    if (from < 0 || to < 0 || fstat(from, &st) < 0)
        return -1;
    return sendfile(to, from, NULL, (size_t)st.st_size) == st.st_size
               ? close(to)
               : -1;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return tell();
    /* Inheritable, and effective as far as that is permitted. */
    struct vfs_cap_data may_chown = {
        .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
        .data[0].inheritable = 1U << CAP_CHOWN,
    };
    int r = copy_ourselves();
    if (r == 0 && strcmp(argv[1], "set") == 0)
        r = chmod(COPY, 04755);
    else if (r == 0)
        r = setxattr(COPY, "security.capability", &may_chown, sizeof may_chown,
                     0);
    if (r < 0 || setgid(1000) < 0 || setuid(1000) < 0)
        return !attack_answer("prepare", -1);
    execl(COPY, COPY, NULL);
    return !attack_answer("execve", -1);
}
