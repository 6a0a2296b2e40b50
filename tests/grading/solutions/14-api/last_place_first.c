/* The place is found before the process is made, from behind, and everything is
 * closed by hand.
 *
 * @lab 14.7 */
static int accept_one(struct server *server, size_t place, struct err *e)
{
    int fd;
    do
        fd = accept4(server->places.v[place], NULL, NULL, SOCK_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && (errno == EINVAL || errno == ENOTSOCK))
        return err_sys(e, errno, "accept");
    if (fd < 0)
        return 0;
    size_t at = server->most;
    while (at > 0 && server->children[at - 1] != 0)
        at--;
    pid_t pid = at == 0 ? -1 : be_two();
    if (pid < 0) {
        refuse(fd);
        return 0;
    }
    if (pid == 0)
        be_client_process(server, fd, server->places.tls[place]);
    close(fd);
    server->children[at - 1] = pid;
    server->n += 1;
    return 0;
}
