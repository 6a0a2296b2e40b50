/*
 * sockets listen | connect | packet - sockets that have no file: an abstract
 * one of the host, unix(7), was how containerd's shim could be told to start
 * anything (CVE-2020-15257); and raw ones that hear everybody, packet(7).
 * network_namespaces(7) keep both apart.
 */
#include "attack.h"

#include <net/if.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static const struct sockaddr_un address = {AF_UNIX, "\0mini-docker-canary"};
#define SIZE (offsetof(struct sockaddr_un, sun_path) + 19)

static int listen_for_ever(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (const struct sockaddr *)&address, SIZE) < 0 ||
        listen(fd, 100) < 0)
        return !attack_answer("listen", -1);
    attack_answer("listen", 0);
    for (;;)
        pause();
}

/* Which links could be listened to? */
static int hear(void)
{
    attack_answer("packet", socket(AF_PACKET, SOCK_RAW, 0));
    struct if_nameindex *links = if_nameindex();
    for (size_t i = 0; links != NULL && links[i].if_index != 0; i++)
        printf("link: %s\n", links[i].if_name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "listen") == 0)
        return listen_for_ever();
    if (strcmp(argv[1], "packet") == 0)
        return hear();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    attack_answer("connect",
                  connect(fd, (const struct sockaddr *)&address, SIZE));
    return 0;
}
