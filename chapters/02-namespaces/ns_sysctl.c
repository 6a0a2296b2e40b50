/* Which sysctls a container may set, and setting them. See ns.h. */
#include "ns.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

/* Sysctls of which each namespace has its own copy. A name that ends in a dot
 * stands for everything below it. What is not listed is one for the whole
 * machine: a container that set kernel.core_pattern would choose the program
 * that the host runs, as root, at the next crash. */
static const struct {
    const char *name;
    enum ns_kind kind;
} namespaced[] = {
    {"kernel.msgmax",          NS_IPC},
    {"kernel.msgmnb",          NS_IPC},
    {"kernel.msgmni",          NS_IPC},
    {"kernel.sem",             NS_IPC},
    {"kernel.shmall",          NS_IPC},
    {"kernel.shmmax",          NS_IPC},
    {"kernel.shmmni",          NS_IPC},
    {"kernel.shm_rmid_forced", NS_IPC},
    {"fs.mqueue.",             NS_IPC},
    {"net.",                   NS_NET},
    {"kernel.domainname",      NS_UTS},
};

/* sysctl(8): whichever of '.' and '/' comes first separates the parts, and
 * the other is part of a name: net.ipv4.conf.eth0/100.forwarding is the file
 * net/ipv4/conf/eth0.100/forwarding. Returns the form with `separator`; the
 * caller frees. */
static char *with_separator(const char *key, char separator)
{
    char *spelt = own_strdup(key);
    const char *first = strpbrk(key, "./");
    if (first == NULL || *first == separator)
        return spelt;
    for (char *c = spelt; *c != '\0'; c++)
        if (*c == '.' || *c == '/')
            *c = *c == '.' ? '/' : '.';
    return spelt;
}

/* "net/../kernel/core_pattern" begins with net and is not in it. */
static bool leads_astray(const char *key)
{
    auto_free char *path = with_separator(key, '/');
    auto_strv struct strv parts = {0};
    strv_split(&parts, path, '/');
    for (size_t i = 0; i < parts.n; i++)
        if (parts.v[i][0] == '\0' || strcmp(parts.v[i], ".") == 0 ||
            strcmp(parts.v[i], "..") == 0)
            return true;
    return parts.n < 2;
}

static int kind_of(const char *dotted)
{
    for (size_t i = 0; i < sizeof namespaced / sizeof namespaced[0]; i++) {
        const char *name = namespaced[i].name;
        if (text_ends(name, ".") ? text_starts(dotted, name)
                                 : strcmp(dotted, name) == 0)
            return namespaced[i].kind;
    }
    return -ENOENT;
}

/*
 * @lab 2.6 leads_astray, kind_of, and is that kind among `kinds`?
 */
int ns_check_sysctl(const char *key, unsigned int kinds, struct err *e)
{
    if (leads_astray(key))
        return err_set(e, EINVAL, "sysctl \"%s\" is not a valid name", key);
    auto_free char *dotted = with_separator(key, '.');
    if (strcmp(dotted, "kernel.hostname") == 0)
        return err_set(e, EPERM,
                       "sysctl \"%s\" is not allowed as it conflicts with "
                       "the hostname option",
                       key);
    int kind = kind_of(dotted);
    if (kind < 0)
        return err_set(e, EPERM,
                       "sysctl \"%s\" is not in a separate kernel namespace",
                       key);
    if ((kinds & NS_BIT(kind)) == 0)
        return err_set(e, EPERM,
                       "sysctl \"%s\" is not allowed in the host's %s "
                       "namespace",
                       key, ns_table[kind].oci_name);
    return 0;
}

/*
 * Where nothing is mounted on it, /proc is a directory of the image, and what
 * looks like a sysctl may be a link to any file of the host: we would write to
 * it, as root (CVE-2025-52881 is a relative). So links lead nowhere but into
 * that /proc, and what was opened is looked at before it is written to.
 */
static int open_sysctl(int proc_fd, const char *file, struct err *e)
{
    auto_fd int fd = files_open_in(proc_fd, file, O_WRONLY | O_NONBLOCK, 0, e);
    struct statfs fs;
    if (fd < 0)
        return fd;
    if (fstatfs(fd, &fs) < 0)
        return err_sys(e, errno, "statfs %s", file);
    if (fs.f_type != PROC_SUPER_MAGIC)
        return err_set(e, EXDEV, "%s is not what the kernel shows there", file);
    return fd_take(&fd);
}

int ns_set_sysctl(int proc_fd, const char *key, const char *value,
                  struct err *e)
{
    if (leads_astray(key))
        return err_set(e, EINVAL, "sysctl \"%s\" is not a valid name", key);
    auto_free char *path = with_separator(key, '/');
    auto_free char *file = text_format("sys/%s", path);
    auto_fd int fd = open_sysctl(proc_fd, file, e);
    int r = fd < 0 ? fd : files_write_all(fd, value, strlen(value));
    if (fd >= 0 && r < 0)
        err_sys(e, r, "write \"%s\" to %s", value, file);
    if (r < 0)
        err_add(e, "set sysctl \"%s\"", key);
    return r;
}
