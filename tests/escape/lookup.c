/*
 * lookup ROOT USER - the control for guest.so: what `docker cp` did, which went
 * to the container's root and had the C library find the owner's name there.
 */
#include "attack.h"

#include <pwd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (chroot(argv[1]) < 0 || chdir("/") < 0)
        return !attack_answer("chroot", -1);
    errno = ENOENT;
    return !attack_answer("getpwnam", getpwnam(argv[2]) == NULL ? -1 : 0);
}
