/*
 * Steps of chapter 02: which namespaces the process is in, and as whom.
 *
 * New ones come with the clone, and others are joined by the child: as a rule.
 * Three exceptions make the rest of this file.
 *   - A pid namespace is entered by children only, setns(2).
 *   - In a user namespace of its own, or another's, the child has no power
 *     over namespaces that belong to the host's, so they must be joined
 *     before; and those that are made new shall belong to that user namespace,
 *     or there would be no mounting of /proc.
 *   - The clocks of a new time namespace are set before anybody is in it.
 * For the first two, a short-lived process joins, makes the child as its
 * sibling (CLONE_PARENT), and ends; our parent stays where it is.
 */
#include "steps.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <sys/prctl.h>

static bool has_new(const struct ctr *ctr, enum ns_kind kind)
{
    return (ctr->spec->new_namespaces & NS_BIT(kind)) != 0;
}

static unsigned int joined(const struct ctr *ctr)
{
    unsigned int kinds = 0;
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (ctr->spec->join_paths[kind] != NULL)
            kinds |= NS_BIT(kind);
    return kinds;
}

/* Those that the child itself would come too late for. */
static unsigned int joined_before(const struct ctr *ctr)
{
    unsigned int kinds = joined(ctr);
    bool elsewhere = has_new(ctr, NS_USER) || (kinds & NS_BIT(NS_USER)) != 0;
    return elsewhere ? kinds : kinds & NS_BIT(NS_PID);
}

/* All before any: with the mount namespace the paths change. */
static int open_paths(const struct spec *spec, unsigned int kinds,
                      int fds[NS_COUNT], struct err *e)
{
    for (int kind = 0; kind < NS_COUNT; kind++) {
        const char *path = spec->join_paths[kind];
        if ((kinds & NS_BIT(kind)) == 0)
            continue;
        fds[kind] = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        if (fds[kind] < 0)
            return err_sys(e, fds[kind], "open %s", path);
    }
    return 0;
}

/* Join those that are still open, and close them. */
static int join_open(int fds[NS_COUNT], struct err *e)
{
    for (int kind = 0; kind < NS_COUNT; kind++) {
        int r = fds[kind] < 0 ? 0 : ns_join(fds[kind], (enum ns_kind)kind, e);
        if (r < 0)
            return r;
        own_close(&fds[kind]);
    }
    return 0;
}

/* As the user we are, those that we may join: a namespace of the host is out
 * of reach once we are in another user namespace. */
static void join_what_we_may(int fds[NS_COUNT])
{
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (kind != NS_USER && fds[kind] >= 0 &&
            ns_join(fds[kind], (enum ns_kind)kind, NULL) == 0)
            own_close(&fds[kind]);
}

static int join(const struct ctr *ctr, unsigned int kinds, struct err *e)
{
    int fds[NS_COUNT];
    for (int kind = 0; kind < NS_COUNT; kind++)
        fds[kind] = -1;
    int r = open_paths(ctr->spec, kinds, fds, e);
    if (r == 0 && (kinds & NS_BIT(NS_USER)) != 0)
        join_what_we_may(fds);
    if (r == 0)
        r = join_open(fds, e);
    for (int kind = 0; kind < NS_COUNT; kind++)
        own_close(&fds[kind]);
    return r;
}

static int join_before(struct ctr *ctr, struct err *e)
{
    return join(ctr, joined_before(ctr), e);
}

int ctr_out_process(struct ctr *ctr, struct err *e)
{
    /* The cgroup namespace comes later: its root is the group one is in when
     * it is made. And so does the time namespace, for its clocks. */
    uint64_t flags = ns_clone_flags(ctr->spec->new_namespaces &
                                    ~(NS_BIT(NS_CGROUP) | NS_BIT(NS_TIME)));
    return joined_before(ctr) == 0
               ? ctr_make_process(ctr, flags, e)
               : ctr_make_process_via(ctr, flags, join_before, e);
}

bool ctr_has_joined(const struct ctr *ctr)
{
    return (joined(ctr) & ~joined_before(ctr)) != 0;
}

int ctr_in_joined(struct ctr *ctr, struct err *e)
{
    return join(ctr, joined(ctr) & ~joined_before(ctr), e);
}

bool ctr_has_time(const struct ctr *ctr)
{
    return has_new(ctr, NS_TIME);
}

int ctr_in_time(struct ctr *ctr, struct err *e)
{
    const struct spec *spec = ctr->spec;
    const struct {
        const char *clock;
        const struct spec_time_offset *offset;
    } clocks[] = {
        {"monotonic", &spec->monotonic},
        {"boottime",  &spec->boottime },
    };
    int r = ns_unshare(NS_BIT(NS_TIME), e);
    for (size_t i = 0; i < 2 && r == 0; i++)
        if (clocks[i].offset->set)
            r = ns_set_time_offset(clocks[i].clock, clocks[i].offset->seconds,
                                   clocks[i].offset->nanoseconds, e);
    return r < 0 ? r : ns_enter_time(e);
}

bool ctr_has_idmap(const struct ctr *ctr)
{
    return has_new(ctr, NS_USER) || ctr->spec->join_paths[NS_USER] != NULL;
}

int ctr_out_idmap(struct ctr *ctr, struct err *e)
{
    if (!has_new(ctr, NS_USER))
        return 0; /* it has them already */
    return idmap_write(ctr->pid, &ctr->spec->uids, &ctr->spec->gids, e);
}

int ctr_in_idmap(struct ctr *ctr, struct err *e)
{
    /* Until now we were the overflow user; root of the new namespace owns
     * everything that is created below. */
    int r = sys_setresgid(0, 0, 0);
    if (r == 0)
        r = sys_setresuid(0, 0, 0);
    if (r < 0)
        return err_sys(e, r, "become root of the user namespace");
    return ctr_die_with_parent(ctr, e);
}
