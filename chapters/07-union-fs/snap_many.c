/*
 * Second reading: an overlay of more layers than fit into a page.
 *
 * mount(2) copies one page of options, and that is about forty layers whose
 * paths are absolute. Since Linux 6.7 the newer calls take one layer at a time
 * (fsopen, fsconfig "lowerdir+", fsmount, move_mount), up to 500. Before that
 * the way round is the one that Docker takes: go to the directory that all
 * layers share, and name them relative to it.
 */
#include "snap_many.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int set_string(int fs, const char *key, const char *value, struct err *e)
{
    int r = sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0);
    return r < 0 ? err_sys(e, r, "overlay option %s=%s", key, value) : 0;
}

/* "volatile" is a flag, "index=off" a key and a value. */
static int set_option(int fs, const char *option, struct err *e)
{
    const char *equals = strchr(option, '=');
    if (equals != NULL) {
        auto_free char *key =
            text_format("%.*s", (int)(equals - option), option);
        return set_string(fs, key, equals + 1, e);
    }
    int r = sys_fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL, 0);
    return r < 0 ? err_sys(e, r, "overlay option %s", option) : 0;
}

static int configure(int fs, const struct snap *snap,
                     const struct strv *options, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < snap->layers.n; i++)
        r = set_string(fs, "lowerdir+", snap->layers.v[i], e);
    auto_free char *upper = text_format("%s/diff", snap->dir);
    auto_free char *work = text_format("%s/work", snap->dir);
    if (r == 0)
        r = set_string(fs, "upperdir", upper, e);
    if (r == 0)
        r = set_string(fs, "workdir", work, e);
    for (size_t i = 0; r == 0 && i < options->n; i++)
        r = set_option(fs, options->v[i], e);
    return r;
}

static int mount_by_fsopen(const struct snap *snap, const struct strv *options,
                           const char *merged, struct err *e)
{
    auto_fd int fs = sys_fsopen("overlay", FSOPEN_CLOEXEC);
    if (fs < 0)
        return err_sys(e, fs, "fsopen overlay");
    int r = configure(fs, snap, options, e);
    if (r < 0)
        return r;
    r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    if (r < 0)
        return err_sys(e, r, "mount overlay on %s", merged);
    auto_fd int mount = sys_fsmount(fs, FSMOUNT_CLOEXEC, 0);
    if (mount < 0)
        return err_sys(e, mount, "mount overlay on %s", merged);
    r = sys_move_mount(mount, "", AT_FDCWD, merged, MOVE_MOUNT_F_EMPTY_PATH);
    return r < 0 ? err_sys(e, r, "mount overlay on %s", merged) : 0;
}

/* Length of the directory, slash included, that begins every layer's path. */
static size_t shared_len(const struct strv *layers)
{
    size_t len = strlen(layers->v[0]);
    for (size_t i = 1; i < layers->n; i++)
        while (strncmp(layers->v[0], layers->v[i], len) != 0)
            len--;
    while (len > 0 && layers->v[0][len - 1] != '/')
        len--;
    return len;
}

static int mount_relative(const struct snap *snap, const struct strv *options,
                          const char *merged, struct err *e)
{
    size_t len = shared_len(&snap->layers);
    auto_free char *shared = text_format("%.*s", (int)len, snap->layers.v[0]);
    auto_text struct text data = {0};
    for (size_t i = 0; i < snap->layers.n; i++)
        text_addf(&data, "%s%s", i == 0 ? "lowerdir=" : ":",
                  snap->layers.v[i] + len);
    text_addf(&data, ",upperdir=%s/diff,workdir=%s/work", snap->dir, snap->dir);
    for (size_t i = 0; i < options->n; i++)
        text_addf(&data, ",%s", options->v[i]);
    if (data.len + 1 > (size_t)sysconf(_SC_PAGESIZE))
        return err_set(e, E2BIG, "%zu layers are too many for this kernel",
                       snap->layers.n);
    auto_fd int before =
        sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    int r = before < 0 ? before : sys_chdir(shared);
    if (r == 0)
        r = sys_mount("overlay", merged, "overlay", 0, data.s);
    if (before >= 0)
        sys_fchdir(before);
    return r < 0 ? err_sys(e, r, "mount overlay on %s", merged) : 0;
}

int snap_mount_many(const struct snap *snap, const struct strv *options,
                    const char *merged, struct err *e)
{
    int r = mount_by_fsopen(snap, options, merged, e);
    /* EINVAL: "lowerdir+" is unknown. ENOSYS: so is fsopen. */
    if (r == -EINVAL || r == -ENOSYS)
        r = mount_relative(snap, options, merged, e);
    return r;
}
