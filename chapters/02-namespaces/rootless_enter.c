/* Becoming root of a user namespace of one's own. See rootless.h. */
#include "rootless.h"

#include "idmap.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"
#include "text.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { READY = 1, DONE, FAILED };

/* As subuid(5) may have it: by name, or by number. */
int rootless_find_maps(struct idmap *uids, struct idmap *gids, struct err *e)
{
    const struct passwd *user = rootless_find_user(geteuid());
    /* One who stands in a directory says himself who he is: newuidmap(1) asks
     * the directory. */
    const char *said = user != NULL ? user->pw_name : getenv("LOGNAME");
    auto_free char *name = own_strdup(said != NULL ? said : "");
    auto_free char *number = text_format("%u", geteuid());
    const char *names[] = {name, number};
    int r = 0;
    for (int i = 0; r == 0 && i < 2; i++) {
        r = idmap_for_user("/etc/subuid", names[i], geteuid(), uids, e);
        if (r == 0)
            r = idmap_for_user("/etc/subgid", names[i], getegid(), gids, e);
        if (r == 0 && uids->n > 1 && gids->n > 1)
            return 0;
    }
    return r;
}

static void keep_own_id(struct idmap *map)
{
    map->n = 1;
}

/* In the helper: it has stayed outside, and maps are written from there. What
 * the set-uid programs do not grant (or they are not there: one alone would
 * write half of what is wanted), nobody needs who has a container of one user;
 * so that is tried next. */
static int map_parent(pid_t parent, bool *ret_single, struct err *e)
{
    struct idmap uids = {0}, gids = {0};
    int r = rootless_find_maps(&uids, &gids, e);
    if (r < 0)
        return r;
    bool has_more = uids.n > 1 && gids.n > 1 && idmap_check_helpers(NULL) == 0;
    if (has_more && idmap_write(parent, &uids, &gids, e) == 0)
        return 0;
    *ret_single = true;
    keep_own_id(&uids);
    keep_own_id(&gids);
    /* If half of the first try was written, the second cannot succeed; then
     * the first reason is the one that helps. */
    return idmap_write(parent, &uids, &gids, has_more ? NULL : e);
}

static _Noreturn void help(int talk, pid_t parent)
{
    struct talk_message message;
    bool single = false;
    /* No word: the parent could not make the namespace, and knows it. */
    if (talk_receive(talk, &message, NULL) == 0) {
        int r = map_parent(parent, &single, &message.err);
        message.kind = r < 0 ? FAILED : DONE;
        message.value = single;
        talk_send(talk, &message, NULL);
    }
    _exit(0);
}

static int enter(int talk, struct rootless *ret, struct err *e)
{
    struct talk_message message = {.kind = READY};
    int r = ns_unshare(NS_BIT(NS_USER), e);
    if (r < 0) {
        rootless_check(e); /* it knows the cause */
        return r;
    }
    r = talk_send(talk, &message, e);
    if (r == 0)
        r = talk_receive(talk, &message, e);
    if (r == 0 && message.kind == FAILED)
        return err_set(e, message.err.code, "%s", message.err.msg);
    ret->single = message.value != 0;
    return r;
}

/*
 * A process writes its own maps only in the simplest case; so a child is left
 * outside to do it, while the parent, whose pid others know, moves in.
 */
int rootless_enter(struct rootless *ret, struct err *e)
{
    *ret = (struct rootless){.uid = geteuid()};
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int ours = pair[0], theirs = pair[1];
    auto_fd int pidfd = -1;
    pid_t parent = getpid();
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0) {
        own_close(&ours);
        help(theirs, parent);
    }
    own_close(&theirs);
    r = pid < 0 ? pid : enter(ours, ret, e);
    own_close(&ours);
    if (pid > 0)
        proc_wait(pidfd, NULL);
    return r;
}
