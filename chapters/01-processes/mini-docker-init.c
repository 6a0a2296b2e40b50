/*
 * mini-docker-init - the pid 1 of `run --init`.
 *
 *     mini-docker-init [--] COMMAND [ARG...]
 *
 * The runtime binds this program to /sbin/docker-init inside the container.
 * It is linked statically, because what is inside need not have our C
 * library, or any.
 */
#include "init.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    char **command = argv + 1;
    if (argc > 1 && strcmp(argv[1], "--") == 0)
        command++;
    if (argc < 1 || *command == NULL) {
        dprintf(STDERR_FILENO, "usage: mini-docker-init [--] COMMAND...\n");
        return 125;
    }
    return init_run(command);
}
