/* The client is looked at first, and what it has said early is no reason for
 * another time-out: it is taken before anybody is waited for.
 *
 * @lab 14.5 */
static int turn(struct work *work, struct err *e)
{
    struct bridge *bridge = work->bridge;
    bool meets = bridge->link->waiting != NULL;
    bool listens = !meets && !work->input_ended && !work->waits;
    if (listens && bridge->input && bridge->early.len > 0)
        return take_input(work);
    struct pollfd client = {.fd = bridge->client};
    struct pollfd fds[2] = {client, {.fd = bridge->link->fd}};
    fds[0].events = listens ? POLLIN : 0;
    fds[1].events = POLLIN;
    if (poll(fds, 2, -1) < 0 && errno != EINTR)
        return err_sys(e, errno, "poll");
    if ((fds[0].revents & (POLLHUP | POLLERR)) != 0)
        return -EPIPE;
    if (listens && (fds[0].revents & POLLIN) != 0) {
        int r = 0;
        if (bridge->input)
            r = take_input(work);
        else
            ignore_input(work);
        if (r != 0)
            return r;
    }
    if (fds[1].revents == 0)
        return 0;
    return meets ? engine_server_meet(bridge->link, e) : hear(work, e);
}
