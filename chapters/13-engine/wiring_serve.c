/* The small processes that serve a container's network: children of its owner,
 * which die with it. */
#include "endpoint.h"

#include "field.h"
#include "keeper.h"
#include "link.h"
#include "nameserver.h"
#include "netlink.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A child that keeps `kept` of our descriptors, and none of our signals. */
static int start(int (*work)(void *arg), void *arg, const int *kept, size_t n,
                 struct err *e)
{
    int pidfd = -1;
    sigset_t none;
    pid_t owner = getpid();
    fflush(NULL);
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid != 0)
        return pid < 0 ? pid : pidfd;
    /* An owner who is dead already ends nobody any more. */
    if (proc_die_with_parent(NULL) < 0 || getppid() != owner)
        _exit(1);
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    keeper_close_but(kept, n);
    malloc_trim(0); /* what our parent had freed: nobody else has it now */
    _exit(work(arg) < 0);
}

void wiring_serves(struct wiring *wiring, int *place, int pidfd)
{
    *place = pidfd;
    if (wiring->serving != NULL)
        wiring->serving(wiring->arg, pidfd, true);
}

static void stop(struct wiring *wiring, int *pidfd)
{
    if (*pidfd <= 0)
        return;
    if (wiring->serving != NULL)
        wiring->serving(wiring->arg, *pidfd, false);
    /* One who cannot be told ends when we do: that is not waited for. */
    int r = proc_signal(*pidfd, SIGKILL, NULL);
    if (r == 0 || r == -ESRCH)
        proc_wait(*pidfd, NULL);
    own_close(pidfd);
    *pidfd = 0;
}

void wiring_stop_relay(struct wiring *wiring)
{
    stop(wiring, &wiring->relay);
}

void wiring_stop_serving(struct wiring *wiring)
{
    stop(wiring, &wiring->relay);
    stop(wiring, &wiring->nameserver);
    stop(wiring, &wiring->way_out);
}

static bool has_ended(int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return pidfd > 0 && poll(&end, 1, 0) == 1;
}

void wiring_bury(struct wiring *wiring)
{
    int *places[] = {&wiring->relay, &wiring->nameserver, &wiring->way_out};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!has_ended(*places[i]))
            continue;
        stop(wiring, places[i]);
        if (places[i] == &wiring->way_out)
            wiring->way_out = -1;
    }
}

/* --- ports ---------------------------------------------------------------- */

static int relay(void *arg)
{
    const struct wiring *wiring = arg;
    return forward_serve(wiring->forwards, wiring->n_forwards, NULL);
}

static int start_relay(struct wiring *wiring, struct err *e)
{
    size_t n = 0;
    int *kept = own_alloc(wiring->n_forwards * 2 * sizeof *kept);
    for (size_t i = 0; i < wiring->n_forwards; i++)
        for (size_t j = 0; j < 2; j++)
            if (wiring->forwards[i].listeners[j] >= 0)
                kept[n++] = wiring->forwards[i].listeners[j];
    int pidfd = start(relay, wiring, kept, n, e);
    own_free(&kept);
    if (pidfd >= 0)
        wiring_serves(wiring, &wiring->relay, pidfd);
    return pidfd < 0 ? pidfd : 0;
}

/* --- names ---------------------------------------------------------------- */

static int answer(void *arg)
{
    return nameserver_serve(arg, NULL);
}

/* Its own 127.0.0.11 is there when "lo" is up: the container sees to that
 * itself, but perhaps a moment later than we come. */
static int raise_loopback(int ns, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    struct link lo = {.index = 0};
    int r = netlink_open(&nl, NETLINK_ROUTE, ns, e);
    if (r == 0)
        r = link_find(nl, "lo", &lo, e);
    return r < 0 ? r : link_up(nl, lo.index, e);
}

static int start_nameserver(struct wiring *wiring, int ns, struct err *e)
{
    struct nameserver server = {.udp = -1, .tcp = -1};
    auto_free char *networks = text_format("%s/networks", wiring->dir);
    auto_free char *resolv = NULL;
    server.networks = networks;
    int r = wiring_resolv(wiring, &resolv, &server.upstream, e);
    if (r == 0)
        r = raise_loopback(ns, e);
    if (r == 0)
        r = nameserver_listen(ns, &server, e);
    if (r == 0) {
        const int kept[] = {server.udp, server.tcp};
        r = start(answer, &server, kept, 2, e);
    }
    nameserver_done(&server);
    if (r >= 0)
        wiring_serves(wiring, &wiring->nameserver, r);
    return r < 0 ? r : 0;
}

/* A network may come later, and a process may have been killed. */
int wiring_serve(struct wiring *wiring, int ns, struct err *e)
{
    int r = 0;
    if (wiring->n_forwards > 0 && wiring->relay == 0)
        r = start_relay(wiring, e);
    if (r == 0 && wiring->nameserver == 0 && wiring_has_names(wiring))
        r = start_nameserver(wiring, ns, e);
    if (r == 0 && wiring->way_out < 0)
        r = wiring_lead_out_again(wiring, e);
    return r;
}
