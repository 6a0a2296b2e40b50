/* Making one file of a layer: unpack.h, the part that touches the disk. */
#include "unpack.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

/* Copy the content. Blocks carry their offset, so holes stay holes. */
static int write_content(const struct unpack_place *place, int fd,
                         struct err *e)
{
    const void *block;
    size_t len;
    la_int64_t offset, at = 0;
    int r;
    while ((r = archive_read_data_block(place->archive, &block, &len,
                                        &offset)) == ARCHIVE_OK) {
        if (offset != at && lseek(fd, offset, SEEK_SET) < 0)
            return err_sys(e, errno, "seek");
        int written = files_write_all(fd, block, len);
        if (written < 0)
            return err_sys(e, written, "write");
        at = offset + (la_int64_t)len;
    }
    if (r != ARCHIVE_EOF)
        return err_set(e, EBADMSG, "%s", archive_error_string(place->archive));
    /* A hole at the very end. */
    if (at < archive_entry_size(place->entry) &&
        ftruncate(fd, archive_entry_size(place->entry)) < 0)
        return err_sys(e, errno, "set the size");
    return 0;
}

static int make_file(const struct unpack_place *place, struct err *e)
{
    auto_fd int fd =
        sys_openat(place->parent, place->base,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, fd, "create");
    return write_content(place, fd, e);
}

/* A directory that is there stays and takes the entry's owner and mode. One
 * that replaces a whiteout hides what the layers below have of that name. */
static int make_dir(const struct unpack_place *place, struct err *e)
{
    struct stat st;
    bool is_there =
        fstatat(place->parent, place->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (is_there && S_ISDIR(st.st_mode))
        return 0;
    if (is_there && is_whiteout(&st))
        sys_unlinkat(place->parent, place->base, 0);
    int r = sys_mkdirat(place->parent, place->base, 0700);
    if (r < 0)
        return err_sys(e, r, "mkdir");
    if (!is_there || !is_whiteout(&st))
        return 0;
    auto_fd int fd = sys_openat(place->parent, place->base,
                                O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open") : unpack_opaque(fd, e);
}

/* The text of a symbolic link is stored as it is, wherever it seems to lead:
 * it will be read inside the container, where there is no outside. */
static int make_symlink(const struct unpack_place *place, struct err *e)
{
    const char *target = archive_entry_symlink(place->entry);
    if (target == NULL)
        return err_set(e, EBADMSG, "a symbolic link to nowhere");
    int r = sys_symlinkat(target, place->parent, place->base);
    return r < 0 ? err_sys(e, r, "symlink") : 0;
}

/* What make_node answers where nothing was made, and rightly so. */
enum { SKIPPED = 1 };

static int make_node(const struct unpack_place *place, struct err *e)
{
    int r = sys_mknodat(
        place->parent, place->base, archive_entry_filetype(place->entry) | 0600,
        makedev((unsigned)archive_entry_rdevmajor(place->entry),
                (unsigned)archive_entry_rdevminor(place->entry)));
    /* A user namespace has no devices: its images do without theirs. */
    if (r == -EPERM && archive_entry_filetype(place->entry) != AE_IFIFO &&
        place->unpack->in_userns)
        return SKIPPED;
    return r < 0 ? err_sys(e, r, "mknod") : 0;
}

/* A hard link could give the container a file from outside. So its target's
 * directory is resolved like the entry's own, and linkat(2) with no flags does
 * not follow a symbolic link at the end. */
static int make_hardlink(const struct unpack_place *place, struct err *e)
{
    char path[PATH_MAX];
    int r = unpack_clean(archive_entry_hardlink(place->entry), path, e);
    if (r < 0)
        return err_add(e, "hard link");
    auto_fd int dir = unpack_open_parent(place->unpack->root, path, e);
    if (dir < 0)
        return err_add(e, "hard link");
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    r = sys_linkat(dir, base, place->parent, place->base, 0);
    if (r == -EEXIST) {
        struct stat there, wanted;
        bool same = fstatat(place->parent, place->base, &there,
                            AT_SYMLINK_NOFOLLOW) == 0 &&
                    fstatat(dir, base, &wanted, AT_SYMLINK_NOFOLLOW) == 0 &&
                    there.st_dev == wanted.st_dev &&
                    there.st_ino == wanted.st_ino;
        if (same)
            return 0;
    }
    return r < 0 ? err_sys(e, r, "hard link to %s", unpack_show(path).s) : 0;
}

/* Where no layer is unpacked, a directory that is in use stays one, unless
 * somebody says otherwise. */
static int check_kind(const struct unpack_place *place, struct err *e)
{
    struct stat st;
    const struct layer_rules *rules = place->unpack->rules;
    if (rules == NULL || rules->replaces ||
        fstatat(place->parent, place->base, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    bool was_dir = S_ISDIR(st.st_mode);
    bool is_dir = archive_entry_filetype(place->entry) == AE_IFDIR &&
                  archive_entry_hardlink(place->entry) == NULL;
    return was_dir == is_dir
               ? 0
               : err_set(e, EEXIST, "cannot overwrite %s \"%s\" with %s",
                         was_dir ? "directory" : "non-directory",
                         unpack_show(place->path).s,
                         is_dir ? "directory" : "non-directory");
}

/* Make room for an entry where another is: the last one of a name wins. */
static int clear(const struct unpack_place *place, struct err *e)
{
    if (strcmp(place->base, ".") == 0)
        return err_set(e, EINVAL, "the root must be a directory");
    int r = check_kind(place, e);
    if (r < 0)
        return r;
    return files_remove_tree(place->parent, place->base, e);
}

/* Attributes that mean something to overlayfs itself are not a layer's to
 * set: a "redirect" could show a directory that the layer does not have. */
static bool is_attribute_allowed(const char *name)
{
    return !text_starts(name, "trusted.overlay.") &&
           !text_starts(name, "user.overlay.");
}

/* fsetxattr(2) refuses O_PATH descriptors; /proc/self/fd leads to the same
 * place without resolving any name again. */
static int set_attributes(const struct unpack_place *place, struct err *e)
{
    const char *name;
    const void *value;
    size_t size;
    if (archive_entry_xattr_reset(place->entry) == 0)
        return 0;
    auto_free char *path =
        text_format("/proc/self/fd/%d/%s", place->parent, place->base);
    while (archive_entry_xattr_next(place->entry, &name, &value, &size) ==
           ARCHIVE_OK) {
        if (!is_attribute_allowed(name) ||
            (place->unpack->in_userns && text_starts(name, "trusted.")))
            continue;
        int r = sys_lsetxattr(path, name, value, size, 0);
        /* Docker too goes on where the file system has no such attributes, or
         * we may not set one of them. */
        if (r < 0 && r != -EOPNOTSUPP && r != -EPERM)
            return err_sys(e, r, "set attribute %s", unpack_show(name).s);
    }
    return 0;
}

/* Owner first: chown(2) clears set-user-id bits and file capabilities. Then
 * mode, then attributes, because an ACL among them refines the mode. */
static int set_metadata(const struct unpack_place *place, struct err *e)
{
    struct archive_entry *entry = place->entry;
    int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
    /* -1 means "leave it" to chown(2). */
    if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
        return err_set(e, EINVAL, "owner %lld:%lld is out of range",
                       (long long)uid, (long long)gid);
    if (place->unpack->one_owner)
        uid = gid = 0;
    const struct layer_rules *rules = place->unpack->rules;
    if (rules != NULL && rules->has_owner) {
        uid = rules->uid;
        gid = rules->gid;
    }
    int r = sys_fchownat(place->parent, place->base, (uid_t)uid, (gid_t)gid,
                         AT_SYMLINK_NOFOLLOW);
    if (r == -EINVAL && place->unpack->in_userns)
        return err_set(e, EINVAL,
                       "owner %lld:%lld has no meaning in this user "
                       "namespace: /etc/subuid and /etc/subgid must grant "
                       "more ids",
                       (long long)uid, (long long)gid);
    if (r < 0)
        return err_sys(e, r, "chown to %lld:%lld", (long long)uid,
                       (long long)gid);
    if (archive_entry_filetype(entry) != AE_IFLNK) {
        r = sys_fchmodat(place->parent, place->base, archive_entry_perm(entry));
        if (r < 0)
            return err_sys(e, r, "chmod");
    }
    r = set_attributes(place, e);
    if (r < 0)
        return r;
    /* A directory's time too: see unpack_find for what is made in it later. */
    struct timespec time = {.tv_sec = archive_entry_mtime(entry),
                            .tv_nsec = archive_entry_mtime_nsec(entry)};
    r = sys_utimensat(place->parent, place->base,
                      (struct timespec[2]){time, time}, AT_SYMLINK_NOFOLLOW);
    return r < 0 ? err_sys(e, r, "set the time") : 0;
}

int unpack_make(const struct unpack_place *place, struct err *e)
{
    static const struct {
        mode_t type;
        int (*make)(const struct unpack_place *place, struct err *e);
    } kinds[] = {
        {AE_IFREG, make_file   },
        {AE_IFDIR, make_dir    },
        {AE_IFLNK, make_symlink},
        {AE_IFCHR, make_node   },
        {AE_IFBLK, make_node   },
        {AE_IFIFO, make_node   },
    };
    bool is_link = archive_entry_hardlink(place->entry) != NULL;
    int (*make)(const struct unpack_place *, struct err *) =
        is_link ? make_hardlink : NULL;
    mode_t type = archive_entry_filetype(place->entry);
    for (size_t i = 0; make == NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].type == type)
            make = kinds[i].make;
    if (make == NULL)
        return err_set(e, EBADMSG, "an entry of an unknown kind");
    int r = make(place, e);
    if (r == -EEXIST) {
        r = clear(place, e);
        if (r == 0)
            r = make(place, e);
    }
    /* A hard link's owner, mode and time are those of the file it names. */
    return r < 0 || is_link || r == SKIPPED ? r : set_metadata(place, e);
}

int unpack_whiteout(const struct unpack_place *place, struct err *e)
{
    int r = sys_mknodat(place->parent, place->base, S_IFCHR, 0);
    struct stat st;
    if (r == -EEXIST &&
        fstatat(place->parent, place->base, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        /* A whiteout speaks of the layers below. What this layer has of that
         * name stays, and a directory stays alone. */
        if (!S_ISDIR(st.st_mode))
            return 0;
        auto_fd int fd = sys_openat(place->parent, place->base,
                                    O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
        return fd < 0 ? err_sys(e, fd, "open") : unpack_opaque(fd, e);
    }
    return r < 0 ? err_sys(e, r, "make the whiteout") : 0;
}

int unpack_opaque(int dirfd, struct err *e)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d/.", dirfd);
    int r = sys_lsetxattr(path, "trusted.overlay.opaque", "y", 1, 0);
    /* In a user namespace overlayfs uses "user." (mount option userxattr). */
    if (r == -EPERM)
        r = sys_lsetxattr(path, "user.overlay.opaque", "y", 1, 0);
    return r < 0 ? err_sys(e, r, "make the directory opaque") : 0;
}
