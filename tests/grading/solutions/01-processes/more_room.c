/* Room for more than there may be: what does not fit is seen by its size. */

/* @lab 1.3 */
int proc_start_time(pid_t pid, uint64_t *ret, struct err *e)
{
    auto_text struct text stat = {0};
    auto_free char *path = text_format("/proc/%d/stat", (int)pid);
    int r = files_read(AT_FDCWD, path, &stat, e);
    if (r < 0)
        return r;
    int field = 2;
    uint64_t value = 0;
    for (const char *s = strrchr(stat.s, ')'); s != NULL && *s != '\0'; s++) {
        if (*s == ' ')
            field++;
        else if (field == START_TIME_FIELD && *s >= '0' && *s <= '9')
            value = value * 10 + (uint64_t)(*s - '0');
    }
    if (field < START_TIME_FIELD)
        return err_set(e, EPROTO, "%s has %d fields", path, field);
    *ret = value;
    return 0;
}

/* @lab 1.4 */
int talk_receive(int fd, struct talk_message *ret, struct err *e)
{
    struct {
        struct talk_message message;
        char more;
    } room = {0};
    struct iovec part = {.iov_base = &room, .iov_len = sizeof room};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    int n = receive_some(fd, &header, e);
    if (n >= 0 && n != (int)sizeof room.message)
        n = err_set(e, EPROTO, "%d bytes are no message", n);
    if (n < 0)
        return n;
    *ret = room.message;
    ret->err.msg[sizeof ret->err.msg - 1] = '\0';
    return 0;
}

/* @lab 1.5 */
int talk_receive_fd(int fd, struct err *e)
{
    char byte;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } room = {0};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &room,
                            .msg_controllen = sizeof room};
    int fds[8] = {-1}, count = 0;
    int n = receive_some(fd, &header, e);
    if (n < 0)
        return n;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&header); item != NULL;
         item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
            continue;
        size_t size = item->cmsg_len - CMSG_LEN(0);
        memcpy(fds, CMSG_DATA(item), size);
        count = (int)(size / sizeof(int));
    }
    if (count == 1)
        return fds[0];
    while (count > 0)
        close(fds[--count]);
    return err_set(e, EPROTO, "it is one descriptor that was waited for");
}
