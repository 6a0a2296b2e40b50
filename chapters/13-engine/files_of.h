/*
 * files_of.h - the tree of a container, running or not, as a descriptor.
 *
 * Of a running container it is what its first process sees as "/", with all
 * that is mounted in it: /proc/PID/root, opened while a pidfd says that the pid
 * is still that process. Of one that has ended, a child mounts its snapshot in
 * a mount namespace of its own and hands the root over; the mount goes when the
 * last descriptor does. Its lock is held meanwhile, so that nobody else mounts
 * or removes it.
 *
 * Every path in there is the container's, and so a lie until the kernel has
 * resolved it: files_open_in (CVE-2018-15664, CVE-2019-14271 were made of doing
 * otherwise).
 *
 * Only 13-engine includes this.
 */
#ifndef FILES_OF_H
#define FILES_OF_H

#include "contents.h"

struct engine_files {
    struct contents contents;
    int root;
    int lock; /* of one that does not run; -1 */
};

#endif
