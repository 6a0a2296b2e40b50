/* The small processes that serve a container's network may be killed: by the
 * kernel for memory, or by whoever wanted to see. The container runs on, so
 * they are started again. */
#include "monitor.h"

#include "netns.h"
#include "own.h"

/* At once; but one that dies at once not more often than this. */
enum { AGAIN_MS = 1000 };

static int64_t now_ms(void)
{
    return loop_now_ns() / 1000000;
}

static void serve_later(struct monitor *m);

static void serve_again(void *arg)
{
    struct monitor *m = arg;
    m->serve_timer = 0;
    if (!m->runs)
        return;
    m->served_ms = now_ms();
    auto_fd int ns = netns_open(m->run->ctr.pid, NULL);
    if (ns < 0 || wiring_serve(&m->run->wiring, ns, NULL) < 0)
        serve_later(m);
    else
        monitor_save(m, NULL); /* an ordinary user's ports may be others */
}

static void serve_later(struct monitor *m)
{
    int64_t due = m->served_ms + AGAIN_MS - now_ms();
    if (m->serve_timer <= 0)
        m->serve_timer =
            loop_timer(m->loop, due > 1 ? due : 1, serve_again, m, NULL);
}

static void on_end(void *arg, uint32_t events)
{
    struct monitor *m = arg;
    (void)events;
    wiring_bury(&m->run->wiring);
    serve_later(m);
}

void monitor_watch_server(void *monitor, int pidfd, bool begins)
{
    struct monitor *m = monitor;
    if (begins)
        loop_add(m->loop, pidfd, EPOLLIN, on_end, m, NULL);
    else
        loop_remove(m->loop, pidfd);
}
