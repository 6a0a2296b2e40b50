/*
 * own.h - who owns a resource is written where it is declared.
 *
 *     auto_free char *path = text_format("%s/config.json", dir);
 *     auto_fd int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
 *     ...
 *     return fd_take(&fd);     // ownership moves out; nothing is closed
 *
 * A variable marked auto_* is released when it goes out of scope, on every
 * path out of the function (gcc: "Common Variable Attributes", cleanup). It
 * must be initialised where it is declared. Each module that owns memory adds
 * its own: auto_text, auto_strv ...
 *
 * Memory that cannot be had aborts the program: there is no sensible way to
 * go on, and code that pretends otherwise is never tested. This is the one
 * place that says so.
 */
#ifndef OWN_H
#define OWN_H

#include <dirent.h>
#include <stddef.h>

#define auto_free __attribute__((cleanup(own_free)))
#define auto_fd __attribute__((cleanup(own_close)))
#define auto_dir __attribute__((cleanup(own_closedir)))

/* Take the descriptor out of its owner: returns it and leaves -1 behind. */
static inline int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* Take the pointer out of its owner: returns it and leaves NULL behind. */
static inline void *own_take(void *pointer_to_pointer)
{
    void **slot = pointer_to_pointer;
    void *taken = *slot;
    *slot = NULL;
    return taken;
}

/* What the auto_ attributes call: each takes a pointer to the variable. */
void own_free(void *pointer_to_pointer);
void own_close(int *fd); /* ignores fd < 0; keeps errno */
void own_closedir(DIR **dir);

/* malloc(3) and strdup(3) that abort when memory is exhausted; own_alloc
 * returns zeroed memory, own_room uncleared: a large buffer of which little is
 * used takes no more pages than that little. The caller frees. */
void *own_alloc(size_t size);
void *own_room(size_t size);
void *own_grow(void *memory, size_t size);
char *own_strdup(const char *s);

#endif
