/*
 * open r|w FILE... - opens files that would betray the host (proc(5), sysfs(5),
 * cgroups(7)), or change it: core_pattern and release_agent name programs that
 * the kernel runs as root of the host (CVE-2022-0492).
 *
 * Nothing is written. A file that can be read tells whether there is anything
 * in it: one that is masked is /dev/null.
 */
#include "attack.h"

#include <dirent.h>

static ssize_t look_into(int fd)
{
    char byte;
    ssize_t n = read(fd, &byte, 1);
    if (n >= 0 || errno != EISDIR)
        return n;
    DIR *dir = fdopendir(fd);
    while (readdir(dir) != NULL)
        n++;
    return n - 1; /* it began at -1, and each has "." and ".." */
}

static void look(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : look_into(fd);
    if (n < 0)
        attack_answer(path, -1);
    else
        printf("%s: %s\n", path, n > 0 ? "told" : "empty");
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (argv[1][0] == 'r')
            look(argv[i]);
        else
            attack_answer(argv[i], open(argv[i], O_WRONLY | O_NONBLOCK));
    }
    return 0;
}
