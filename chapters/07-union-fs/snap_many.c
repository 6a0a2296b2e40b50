/*
 * Second reading: an overlay of more layers than fit into a page.
 *
 * mount(2) copies one page of options, and that is about forty layers whose
 * paths are absolute. Since Linux 6.7 the newer calls take one layer at a time
 * (fsopen, fsconfig "lowerdir+", fsmount, move_mount), up to 500. Before that
 * the way round is short names: open each layer, go to /proc/self/fd, where
 * its name is a number, and mount there.
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

/* ":7:8:9": each layer as an open descriptor, which `ret` then owns. */
static int open_layers(const struct strv *layers, int ret[], struct text *names,
                       struct err *e)
{
    for (size_t i = 0; i < layers->n; i++) {
        ret[i] = sys_openat(AT_FDCWD, layers->v[i],
                            O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        if (ret[i] < 0)
            return err_sys(e, ret[i], "open layer %s", layers->v[i]);
        text_addf(names, "%s%d", i == 0 ? "" : ":", ret[i]);
    }
    return 0;
}

/* /proc/self/fd has a link for each descriptor, which leads to what is open.
 * overlayfs follows it once, when it is mounted. */
static int mount_in_descriptors(const char *merged, const char *data,
                                struct err *e)
{
    auto_fd int before =
        sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    int r = before < 0 ? before : sys_chdir("/proc/self/fd");
    if (r == 0)
        r = sys_mount("overlay", merged, "overlay", 0, data);
    if (before >= 0)
        sys_fchdir(before);
    return r < 0 ? err_sys(e, r, "mount overlay on %s", merged) : 0;
}

static int mount_by_number(const struct snap *snap, const struct strv *options,
                           const char *merged, struct err *e)
{
    size_t n = snap->layers.n;
    auto_free int *fds = own_alloc(n * sizeof *fds);
    memset(fds, -1, n * sizeof *fds);
    auto_text struct text data = {0};
    text_add(&data, "lowerdir=");
    int r = open_layers(&snap->layers, fds, &data, e);
    text_addf(&data, ",upperdir=%s/diff,workdir=%s/work", snap->dir, snap->dir);
    for (size_t i = 0; i < options->n; i++)
        text_addf(&data, ",%s", options->v[i]);
    if (r == 0 && data.len + 1 > (size_t)sysconf(_SC_PAGESIZE))
        r = err_set(e, E2BIG, "%zu layers are too many for this kernel", n);
    if (r == 0)
        r = mount_in_descriptors(merged, data.s, e);
    for (size_t i = 0; i < n; i++)
        own_close(&fds[i]);
    return r;
}

int snap_mount_many(const struct snap *snap, const struct strv *options,
                    const char *merged, struct err *e)
{
    int r = mount_by_fsopen(snap, options, merged, e);
    /* EINVAL: "lowerdir+" is unknown. ENOSYS: so is fsopen. */
    if (r == -EINVAL || r == -ENOSYS)
        r = mount_by_number(snap, options, merged, e);
    return r;
}
