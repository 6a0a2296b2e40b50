/*
 * Second reading: volumes whose ids are mapped.
 *
 * A user namespace makes root inside somebody harmless outside; but then the
 * files of a volume belong, seen from inside, to nobody. A mount can have a map
 * of its own for that (mount_setattr(2), MOUNT_ATTR_IDMAP). It takes power over
 * the file system, which the child, in its user namespace, lacks: so these
 * mounts are made before it is born, detached, and it inherits the descriptors.
 */
#include "steps.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

static bool is_mapped(const struct mnt *mount)
{
    return mount->mapped || mount->mapped_below;
}

bool ctr_has_mapped(const struct ctr *ctr)
{
    const struct mnt_list *mounts = &ctr->spec->mounts;
    for (size_t i = 0; i < mounts->n; i++)
        if (is_mapped(&mounts->v[i]))
            return true;
    return false;
}

/* The user namespace whose maps hold: one made for this mount, one like that
 * which the container will have, or the one it joins. */
static int open_maps(const struct spec *spec, const struct mnt *mount,
                     struct err *e)
{
    const char *joined = spec->join_paths[NS_USER];
    for (size_t i = 0; i < spec->n_mount_ids; i++)
        if (strcmp(spec->mount_ids[i].target, mount->target) == 0)
            return idmap_open(&spec->mount_ids[i].uids,
                              &spec->mount_ids[i].gids, e);
    if ((spec->new_namespaces & NS_BIT(NS_USER)) != 0)
        return idmap_open(&spec->uids, &spec->gids, e);
    if (joined == NULL)
        return err_set(e, EINVAL, "no ids are given, nor a user namespace");
    int fd = sys_openat(AT_FDCWD, joined, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open %s", joined) : fd;
}

static int open_mapped(const struct spec *spec, const struct mnt *mount,
                       struct err *e)
{
    auto_fd int maps = open_maps(spec, mount, e);
    return maps < 0 ? maps : mnt_open_mapped(mount, maps, e);
}

int ctr_out_mapped(struct ctr *ctr, struct err *e)
{
    const struct mnt_list *mounts = &ctr->spec->mounts;
    ctr->mapped = own_alloc(mounts->n * sizeof *ctr->mapped);
    memset(ctr->mapped, -1, mounts->n * sizeof *ctr->mapped);
    for (size_t i = 0; i < mounts->n; i++) {
        if (!is_mapped(&mounts->v[i]))
            continue;
        ctr->mapped[i] = open_mapped(ctr->spec, &mounts->v[i], e);
        if (ctr->mapped[i] < 0)
            return err_add(e, "mount %s", mounts->v[i].target);
    }
    return 0;
}

void ctr_close_mapped(struct ctr *ctr)
{
    for (size_t i = 0; ctr->mapped != NULL && i < ctr->spec->mounts.n; i++)
        own_close(&ctr->mapped[i]);
    own_free(&ctr->mapped);
}
