/*
 * overwrite - the second half of CVE-2019-5736: descriptor 3 is a file of the
 * host, and is opened once more, for writing. As long as somebody executes it
 * that is ETXTBSY, open(2); the attack is patient, so many hundredths of a
 * second as PATIENCE says. The answer goes to /answer, with what is true of
 * the mount that the file is reached by: statvfs(3). /answer.new is there from
 * the start: who has been met need not be executed again.
 *
 * The test lets it have a copy of the runtime, to which a byte is added.
 */
#include "attack.h"

#include <sys/statvfs.h>

int main(void)
{
    const char *patience = getenv("PATIENCE");
    if (freopen("/answer.new", "w", stdout) == NULL)
        return 2;
    int fd = -1,
        limit = patience != NULL ? (int)strtol(patience, NULL, 10) : 300;
    for (int tries = 0; tries < limit && fd < 0; tries++) {
        fd = open("/proc/self/fd/3", O_WRONLY | O_APPEND);
        if (fd >= 0 || errno != ETXTBSY)
            break;
        usleep(10000);
    }
    struct statvfs where = {0};
    long r = fd < 0 ? fd : write(fd, "x", 1);
    attack_answer("write", r);
    fstatvfs(3, &where);
    printf("mount: %s\n", where.f_flag & ST_RDONLY ? "read-only" : "writable");
    fclose(stdout);
    return rename("/answer.new", "/answer") < 0;
}
