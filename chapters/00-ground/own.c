#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void own_free(void *pointer_to_pointer)
{
    free(own_take(pointer_to_pointer));
}

void own_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

void own_closedir(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
    *dir = NULL;
}

void *own_alloc(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory == NULL)
        abort();
    return memory;
}

void *own_room(size_t size)
{
    return own_grow(NULL, size);
}

void *own_grow(void *memory, size_t size)
{
    void *grown = realloc(memory, size > 0 ? size : 1);
    if (grown == NULL)
        abort();
    return grown;
}

char *own_strdup(const char *s)
{
    char *copy = strdup(s);
    if (copy == NULL)
        abort();
    return copy;
}
