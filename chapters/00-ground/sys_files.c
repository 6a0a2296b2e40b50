/* The door, call by call: mounts and files. See sys.h. */
#include "sys.h"

#include "door.h"

/* The C library may be older than the kernel. */
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

DOOR_CALL(mount, "source=s target=s type=s flags=M data=s");
int sys_mount(const char *source, const char *target, const char *type,
              unsigned long flags, const void *data)
{
    return (int)ENTER(mount, (long)source, (long)target, (long)type,
                      (long)flags, (long)data);
}

DOOR_CALL(umount2, "target=s flags=U");
int sys_umount2(const char *target, int flags)
{
    return (int)ENTER(umount2, (long)target, (long)flags);
}

DOOR_CALL(pivot_root, "new_root=s put_old=s");
int sys_pivot_root(const char *new_root, const char *put_old)
{
    return (int)ENTER(pivot_root, (long)new_root, (long)put_old);
}

DOOR_CALL(chroot, "path=s");
int sys_chroot(const char *path)
{
    return (int)ENTER(chroot, (long)path);
}

DOOR_CALL(open_tree, "dirfd=@ path=s flags=A");
int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
    return (int)ENTER(open_tree, (long)dirfd, (long)path, (long)flags);
}

DOOR_CALL(move_mount, "from_dirfd=@ from_path=s to_dirfd=@ to_path=s flags=x");
int sys_move_mount(int from_dirfd, const char *from_path, int to_dirfd,
                   const char *to_path, unsigned int flags)
{
    return (int)ENTER(move_mount, (long)from_dirfd, (long)from_path,
                      (long)to_dirfd, (long)to_path, (long)flags);
}

DOOR_CALL(mount_setattr, "dirfd=@ path=s flags=A attr=p size=d");
int sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
                      struct mount_attr *attr, size_t size)
{
    return (int)ENTER(mount_setattr, (long)dirfd, (long)path, (long)flags,
                      (long)attr, (long)size);
}

DOOR_CALL(fsopen, "type=s flags=x");
int sys_fsopen(const char *type, unsigned int flags)
{
    return (int)ENTER(fsopen, (long)type, (long)flags);
}

DOOR_CALL(fsconfig, "fd=d cmd=d key=s value=p aux=d");
int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value,
                 int aux)
{
    return (int)ENTER(fsconfig, (long)fd, (long)cmd, (long)key, (long)value,
                      (long)aux);
}

DOOR_CALL(fsmount, "fd=d flags=x attr_flags=x");
int sys_fsmount(int fd, unsigned int flags, unsigned int attr_flags)
{
    return (int)ENTER(fsmount, (long)fd, (long)flags, (long)attr_flags);
}

DOOR_CALL(openat, "dirfd=@ path=s flags=O mode=o");
int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
    return (int)ENTER(openat, (long)dirfd, (long)path, (long)flags, (long)mode);
}

DOOR_CALL(openat2, "dirfd=@ path=s how=H size=d");
int sys_openat2(int dirfd, const char *path, struct open_how *how, size_t size)
{
    return (int)ENTER(openat2, (long)dirfd, (long)path, (long)how, (long)size);
}

DOOR_CALL(mkdirat, "dirfd=@ path=s mode=o");
int sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
    return (int)ENTER(mkdirat, (long)dirfd, (long)path, (long)mode);
}

DOOR_CALL(mknodat, "dirfd=@ path=s mode=o dev=D");
int sys_mknodat(int dirfd, const char *path, mode_t mode, dev_t dev)
{
    return (int)ENTER(mknodat, (long)dirfd, (long)path, (long)mode, (long)dev);
}

DOOR_CALL(symlinkat, "target=s dirfd=@ path=s");
int sys_symlinkat(const char *target, int dirfd, const char *path)
{
    return (int)ENTER(symlinkat, (long)target, (long)dirfd, (long)path);
}

DOOR_CALL(linkat, "old_dirfd=@ old_path=s new_dirfd=@ new_path=s flags=A");
int sys_linkat(int old_dirfd, const char *old_path, int new_dirfd,
               const char *new_path, int flags)
{
    return (int)ENTER(linkat, (long)old_dirfd, (long)old_path, (long)new_dirfd,
                      (long)new_path, (long)flags);
}

DOOR_CALL(unlinkat, "dirfd=@ path=s flags=A");
int sys_unlinkat(int dirfd, const char *path, int flags)
{
    return (int)ENTER(unlinkat, (long)dirfd, (long)path, (long)flags);
}

DOOR_CALL(renameat2, "old_dirfd=@ old_path=s new_dirfd=@ new_path=s flags=x");
int sys_renameat2(int old_dirfd, const char *old_path, int new_dirfd,
                  const char *new_path, unsigned int flags)
{
    return (int)ENTER(renameat2, (long)old_dirfd, (long)old_path,
                      (long)new_dirfd, (long)new_path, (long)flags);
}

DOOR_CALL(fchownat, "dirfd=@ path=s owner=d group=d flags=A");
int sys_fchownat(int dirfd, const char *path, uid_t owner, gid_t group,
                 int flags)
{
    return (int)ENTER(fchownat, (long)dirfd, (long)path, (long)owner,
                      (long)group, (long)flags);
}

DOOR_CALL(fchmodat, "dirfd=@ path=s mode=o");
int sys_fchmodat(int dirfd, const char *path, mode_t mode)
{
    return (int)ENTER(fchmodat, (long)dirfd, (long)path, (long)mode);
}

DOOR_CALL(fchmod, "fd=d mode=o");
int sys_fchmod(int fd, mode_t mode)
{
    return (int)ENTER(fchmod, (long)fd, (long)mode);
}

DOOR_CALL(utimensat, "dirfd=@ path=s times=p flags=A");
int sys_utimensat(int dirfd, const char *path, const struct timespec times[2],
                  int flags)
{
    return (int)ENTER(utimensat, (long)dirfd, (long)path, (long)times,
                      (long)flags);
}

DOOR_CALL(lsetxattr, "path=s name=s value=b size=d flags=x");
int sys_lsetxattr(const char *path, const char *name, const void *value,
                  size_t size, int flags)
{
    return (int)ENTER(lsetxattr, (long)path, (long)name, (long)value,
                      (long)size, (long)flags);
}

DOOR_CALL(write, "fd=d bytes=b count=d");
ssize_t sys_write(int fd, const void *bytes, size_t count)
{
    return ENTER(write, (long)fd, (long)bytes, (long)count);
}

DOOR_CALL(fsync, "fd=d");
int sys_fsync(int fd)
{
    return (int)ENTER(fsync, (long)fd);
}

DOOR_CALL(syncfs, "fd=d");
int sys_syncfs(int fd)
{
    return (int)ENTER(syncfs, (long)fd);
}

DOOR_CALL(flock, "fd=d operation=L");
int sys_flock(int fd, int operation)
{
    return (int)ENTER(flock, (long)fd, (long)operation);
}

DOOR_CALL(chdir, "path=s");
int sys_chdir(const char *path)
{
    return (int)ENTER(chdir, (long)path);
}

DOOR_CALL(fchdir, "fd=d");
int sys_fchdir(int fd)
{
    return (int)ENTER(fchdir, (long)fd);
}

DOOR_CALL(dup3, "old_fd=d new_fd=d flags=O");
int sys_dup3(int old_fd, int new_fd, int flags)
{
    return (int)ENTER(dup3, (long)old_fd, (long)new_fd, (long)flags);
}

DOOR_CALL(close_range, "first=x last=x flags=x");
int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
    return (int)ENTER(close_range, (long)first, (long)last, (long)flags);
}

DOOR_CALL(ioctl, "fd=d request=x argument=p");
int sys_ioctl(int fd, unsigned long request, void *argument)
{
    return (int)ENTER(ioctl, (long)fd, (long)request, (long)argument);
}
