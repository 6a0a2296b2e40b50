/*
 * device b|c MAJOR MINOR - makes the node of a device and opens it for reading:
 * the classic way to the host's disk, mknod(2). What stops it are two things,
 * CAP_MKNOD and the device rules of the control group (cgroup v1 devices.rst,
 * cgroup-v2.rst "Device controller"), and each must do alone.
 *
 * A number that no driver has answers ENXIO where it may be opened.
 */
#include "attack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    mode_t type = argv[1][0] == 'b' ? S_IFBLK : S_IFCHR;
    dev_t number = makedev((unsigned int)strtoul(argv[2], NULL, 10),
                           (unsigned int)strtoul(argv[3], NULL, 10));
    unlink("/tmp/node");
    if (attack_answer("mknod", mknod("/tmp/node", type | 0600, number)))
        attack_answer("open", open("/tmp/node", O_RDONLY | O_NONBLOCK));
    return 0;
}
