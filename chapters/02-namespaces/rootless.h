/*
 * rootless.h - may this process make a user namespace, and if not, why not?
 *
 * A user namespace is the one kind that needs no privilege (user_namespaces
 * (7)), and all rootless work begins with it. Whether it is to be had depends
 * on the kernel's configuration, on sysctls, on AppArmor and on the seccomp
 * filter of a container around us. All of them answer with the same two or
 * three error numbers, so this module tries it out and, if that fails, looks
 * for the cause:
 *
 *     struct err e;
 *     if (rootless_check(&e) < 0)
 *         fprintf(stderr, "%s\n", e.msg);    // the cause and its remedy
 *
 * What an image holds belongs to many ids, and overlayfs wants to be mounted by
 * root: so an ordinary user's engine goes into such a namespace itself, and
 * works there as root over the ids that subuid(5) grants:
 *
 *     struct rootless who;
 *     rootless_enter(&who, &e);       // geteuid() is 0 from here on
 *
 * Owns nothing. Needs no privilege; works on any kernel that proc.h works on.
 * Each makes one child and reaps it: flush stdio before. One thread.
 */
#ifndef ROOTLESS_H
#define ROOTLESS_H

#include "err.h"

#include <stdbool.h>
#include <sys/types.h>

/* 0: yes, and with all capabilities inside. -ENOSPC: a limit. -EPERM: refused.
 * -EINVAL: the kernel has none. The message says what would help. */
int rootless_check(struct err *e);
/* The same for ordinary users: root asks as one of them. */
int rootless_check_users(struct err *e);

/* Why the kernel answers with this error, and what would help: a command, or
 * NULL. rootless_check says both in one line. */
struct rootless_reason {
    const char *cause, *remedy;
};
struct rootless_reason rootless_explain(int code);

/* Whom we are, seen from where we came. */
struct rootless {
    uid_t uid;   /* outside; inside it is 0 */
    bool single; /* no other id has a meaning inside: nothing is granted in
                  * /etc/subuid, or newuidmap(1) is not installed */
};

/* What /etc/subuid and /etc/subgid grant to this user, as idmap_for_user says
 * it: own id as 0, then what is granted. */
struct idmap;
int rootless_find_maps(struct idmap *uids, struct idmap *gids, struct err *e);

/* Move this process into a new user namespace, with the maps of idmap_for_user,
 * or where they are not to be had with the single id. There is no way back.
 * Errors as of rootless_check. */
int rootless_enter(struct rootless *ret, struct err *e);

/* Where an ordinary user keeps what runs now, and what stays: XDG_RUNTIME_DIR
 * and XDG_DATA_HOME (XDG Base Directory Specification), or what stands for
 * them; the home directory is HOME or, without, that of passwd(5). Without any
 * of these it is a directory in /tmp. The caller frees. */
char *rootless_run_dir(void);
char *rootless_data_dir(void);
/* To be called before anything is made at `path`, one of these or below. If it
 * lies in /tmp, that directory is made; -EPERM: somebody else was first. */
int rootless_secure(const char *path, struct err *e);

/* His line of passwd(5), or NULL. Static, until the next such call. */
struct passwd;
const struct passwd *rootless_find_user(uid_t uid);

/* Is this process in a user namespace that is not the first, whoever made it?
 * Then no device node can be made, overlayfs keeps its notes in user.*
 * attributes, and files belong only to ids that have a meaning inside. */
bool rootless_is_inside(void);
/* And has a single id a meaning there? */
bool rootless_has_one_id(void);

#endif
