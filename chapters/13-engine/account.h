/*
 * account.h - who "--user" means, as the container's own files say.
 *
 * Docker's forms: uid, uid:gid, name, name:group, and mixtures. Names are
 * looked up in /etc/passwd (passwd(5)) and /etc/group (group(5)) of the
 * container's root, read layer by layer: the highest layer that has the file
 * is the one the container will see.
 *
 * Only 13-engine includes this.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "err.h"
#include "spec.h"
#include "text.h"

/* Fill uid, gid and groups of `ret`, and HOME if env lacks it. `user` may be
 * "" or NULL (root). `extra` are --group-add's names or numbers.
 * "unable to find user x: no matching entries in passwd file" is -EINVAL. */
int account_resolve(const struct strv *layers, const char *user,
                    const struct strv *extra, struct spec_process *ret,
                    struct err *e);

#endif
