/* The door, call by call: sockets. See sys.h. */
#include "sys.h"

#include "door.h"

DOOR_CALL(socket, "family=d type=x protocol=d");
int sys_socket(int family, int type, int protocol)
{
    return (int)ENTER(socket, (long)family, (long)type, (long)protocol);
}

DOOR_CALL(setsockopt, "fd=d level=d option=d value=p size=d");
int sys_setsockopt(int fd, int level, int option, const void *value,
                   unsigned int size)
{
    return (int)ENTER(setsockopt, (long)fd, (long)level, (long)option,
                      (long)value, (long)size);
}

DOOR_CALL(sendmsg, "fd=d message=p flags=x");
ssize_t sys_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return ENTER(sendmsg, (long)fd, (long)message, (long)flags);
}

DOOR_CALL(recvmsg, "fd=d message=p flags=x");
ssize_t sys_recvmsg(int fd, struct msghdr *message, int flags)
{
    return ENTER(recvmsg, (long)fd, (long)message, (long)flags);
}
