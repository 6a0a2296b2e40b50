/* The question that early_shield.c asks first, and main once more. */
#include "early.h"

#include <stddef.h>

/* strcmp(3) is not there yet: the C library chooses it as it starts. */
static bool is_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

bool early_enters_container(char *const *argv)
{
    static const char *const commands[] = {
        "run", "create", "exec", "start", "restart", "build", "daemon"};
    for (; *argv != NULL; argv++)
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
            if (is_equal(*argv, commands[i]))
                return true;
    return false;
}
