/*
 * monitor.h - private: the process that stays with a container.
 *
 * monitor.c starts it, follows it to its end and starts it again where its
 * restart policy says so; requests.c does what others ask for meanwhile;
 * health.c looks how it is; servers.c keeps up what serves its network.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "hub.h"
#include "run.h"

struct monitor {
    struct run *run;
    struct loop *loop;
    struct log *log;
    struct hub *hub;
    bool runs;                     /* there is a process */
    bool is_dying;                 /* it was sent SIGKILL */
    bool stopped;                  /* by a request: no policy starts it again */
    bool is_stopping;              /* as `stop` asked, not `kill` */
    bool done;                     /* its record is written, its lock is free */
    int delay_ms;                  /* before the next start */
    int restart_timer, kill_timer; /* of the loop, or 0 */
    struct timespec started;
    struct monitor_waiter *waiters;
    struct health *health; /* how it is looked after, or NULL */
    int serve_timer;       /* something that serves it is to be started again */
    int64_t served_ms;     /* when that was, the last time */
};

/* A client that waits for the end. */
struct monitor_waiter {
    struct monitor_waiter *next;
    struct hub_client *client;
    bool removed; /* waits until it is removed, not just for its end */
};

/* monitor.c: write an event of it down; `more` attributes (NULL: none) are
 * taken. */
void monitor_tell(const struct monitor *m, const char *action, json_t *more);
/* monitor.c: a signal for its first process. -ESRCH: there is none. */
int monitor_signal(struct monitor *m, int signal, struct err *e);
/* The container's record, as it is now. */
int monitor_save(struct monitor *m, struct err *e);
/* Give up a restart that is due: it has exited. */
void monitor_finish_restarting(struct monitor *m);

/* health.c: it runs, and its State.Health begins, where its document says how
 * it is to be looked at; nothing is probed while it is frozen or has ended. */
void monitor_begin_health(struct monitor *m);
void monitor_resume_health(struct monitor *m);
void monitor_stop_health(struct monitor *m);

/* servers.c: for wiring.serving. Who ends without having been told to is
 * started again. */
void monitor_watch_server(void *monitor, int pidfd, bool begins);

/* requests.c: hub's `ask`. */
void monitor_request(void *arg, struct hub_client *client, const char *text);
/* A client that wants to be told of its end, or of its removal. */
void monitor_add_waiter(struct monitor *m, struct hub_client *client,
                        bool removed);
/* It has ended (or been removed): tell those who wait for that. */
void monitor_tell_waiters(struct monitor *m, int code, bool removed);
void monitor_forget(struct monitor *m, struct hub_client *client);

#endif
