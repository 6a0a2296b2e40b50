/* What is ours in a new namespace: names, loopback, clocks. See ns.h. */
#include "ns.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NAME_MAX_BYTES 64 /* __NEW_UTS_LEN */

static int check_name(const char *what, const char *name, struct err *e)
{
    if (strlen(name) > NAME_MAX_BYTES)
        return err_set(e, EINVAL, "%s \"%s\" is longer than %d bytes", what,
                       name, NAME_MAX_BYTES);
    return 0;
}

/*
 * @lab 2.3 sethostname(2) takes a length: no terminating NUL is counted
 */
int ns_set_hostname(const char *name, struct err *e)
{
    int r = check_name("hostname", name, e);
    if (r < 0)
        return r;
    r = sys_sethostname(name, strlen(name));
    return r < 0 ? err_sys(e, r, "set hostname \"%s\"", name) : 0;
}

int ns_set_domainname(const char *name, struct err *e)
{
    int r = check_name("domainname", name, e);
    if (r < 0)
        return r;
    r = sys_setdomainname(name, strlen(name));
    return r < 0 ? err_sys(e, r, "set domainname \"%s\"", name) : 0;
}

/*
 * A new network namespace has one interface, "lo", and it is down: even
 * 127.0.0.1 cannot be reached. Coming up, it gets 127.0.0.1 and ::1 from the
 * kernel. Any socket will do to address an interface by (netdevice(7)).
 *
 * @lab 2.4 SIOCGIFFLAGS, add IFF_UP, SIOCSIFFLAGS
 */
int ns_loopback_up(struct err *e)
{
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, errno, "open a socket for lo");
    struct ifreq request = {.ifr_name = "lo"};
    int r = sys_ioctl(fd, SIOCGIFFLAGS, &request);
    if (r < 0)
        return err_sys(e, r, "read the flags of lo");
    request.ifr_flags |= IFF_UP;
    r = sys_ioctl(fd, SIOCSIFFLAGS, &request);
    return r < 0 ? err_sys(e, r, "bring lo up") : 0;
}

/* A process need not stay behind where its children go: with a descriptor of
 * their namespace it can follow, and saves a fork. */
int ns_enter_time(struct err *e)
{
    static const char file[] = "/proc/self/ns/time_for_children";
    auto_fd int fd = sys_openat(AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open %s", file) : ns_join(fd, NS_TIME, e);
}

/*
 * The file describes the namespace that our children will be born into, not
 * the one we are in; with the first child in it the offsets are fixed, since
 * a monotonic clock must never jump.
 */
int ns_set_time_offset(const char *clock, int64_t seconds, uint32_t nanoseconds,
                       struct err *e)
{
    auto_free char *line =
        text_format("%s %lld %u\n", clock, (long long)seconds, nanoseconds);
    int r = files_write(AT_FDCWD, "/proc/self/timens_offsets", line, e);
    if (r < 0)
        err_add(e, "move the %s clock", clock);
    return r;
}
