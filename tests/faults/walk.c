/*
 * walk - make every system call of a command fail, one after the other.
 *
 *     walk NAME FAULT...        FAULT is EIO, ENOMEM, ... or kill
 *     walk NAME FAULT:N         the N-th point alone
 *
 * NAME is a row of the table below. For n = 1, 2, ... its command runs with
 * MINI_DOCKER_FAULT=*:n:FAULT, until there is no n-th call any more; with
 * WALK_STEP=s only for every s-th n, from WALK_FIRST on. Each time
 *
 *   - it ends; it succeeds, with proof, or fails with the right status; a
 *     failure is one line, a success says one line at most;
 *   - there are the same mounts, links, control groups, processes and files as
 *     before, at once or after the next commands have looked;
 *   - the same command works.
 *
 * To be run by tests/faults/run, in a sandbox where nothing else goes on.
 */
#include "act.h"
#include "see.h"
#include "step.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_BAD = 6, AFTER = 4 };

/* A command that begins with "-" may fail. */
struct row {
    const char *name;
    const char *setup, *end; /* once */
    const char *before;      /* each time */
    const char *host;   /* starts who does the work of what is struck: the fault
                           is armed in it, and counts on from its start */
    const char *struck; /* the command */
    const char *proof, *says; /* proof says so after a success; NULL: struck */
    const char *after[AFTER]; /* what looks and takes away; NULL: nothing */
    int lowest, highest;      /* statuses of its failures */
    bool foreground;          /* what it starts dies with it */
    bool detached;            /* what it starts may be what is killed */
    bool shows_where;         /* its last line may have others before it */
};

#define DELETES                                                                \
    .after = {"-mini-runc state x", "mini-runc delete --force x"},             \
    .lowest = 1, .highest = 1

/* A container that is there all the time: one that gets lost is missed. */
#define STAYS                                                                  \
    .setup = "mini-docker run -d --name xx busybox sleep 1000",                \
    .end = "mini-docker rm -f xx"

/* clang-format off */
static const struct row rows[] = {
    {"run", .struck = "mini-docker run --rm busybox echo whole",
     .says = "whole", .after = {"mini-docker ps -aq"},
     .lowest = 125, .highest = 127, .foreground = true},
    {"import", .struck = "mini-docker import tiny.tar tiny",
     .proof = "mini-docker images tiny", .says = "latest",
     .after = {"-mini-docker rmi tiny", "mini-docker import tiny.tar tiny",
               "mini-docker rmi tiny"},
     .lowest = 1, .highest = 1},
    {"build", .struck = "mini-docker build -q -t built context",
     .proof = "mini-docker images built", .says = "latest",
     .after = {"mini-docker ps -aq", "-mini-docker rmi built",
               "mini-docker builder prune -af"},
     .lowest = 1, .highest = 127, .foreground = true, .shows_where = true},
    {"load", .struck = "mini-docker load -i odd.tar",
     .proof = "mini-docker images odd", .says = "latest",
     .after = {"-mini-docker rmi odd", "mini-docker load -i odd.tar",
               "mini-docker rmi odd"},
     .lowest = 1, .highest = 1},
    {"rmi", .before = "mini-docker import tiny.tar tiny",
     .struck = "mini-docker rmi tiny",
     .proof = "mini-docker rmi tiny", .says = "No such image",
     .after = {"-mini-docker rmi tiny", "mini-docker import tiny.tar tiny",
               "mini-docker rmi tiny"},
     .lowest = 1, .highest = 1},
    {"rm", .before = "mini-docker run --name xx busybox true",
     .struck = "mini-docker rm xx",
     .proof = "mini-docker rm xx", .says = "No such container",
     .after = {"mini-docker ps -aq", "-mini-docker rm xx"},
     .lowest = 1, .highest = 1},
    {"md-create", .struck = "mini-docker create --name xx busybox true",
     .proof = "mini-docker inspect -f {{.State.Status}} xx", .says = "created",
     .after = {"mini-docker ps -aq", "mini-docker rm -f xx"},
     .lowest = 1, .highest = 127},
    {"md-start", STAYS, .before = "mini-docker stop -t 0 xx",
     .struck = "mini-docker start xx",
     .proof = "mini-docker inspect -f {{.State.Status}} xx", .says = "running",
     .after = {"mini-docker start xx", "-mini-docker stop -t 0 xx",
     "mini-docker stop -t 0 xx", "mini-docker ps -aq"}, /* the monitor may be
     struck by what comes first */
     .lowest = 1, .highest = 127, .detached = true, .shows_where = true},
    {"md-stop", STAYS, .before = "mini-docker start xx",
     .struck = "mini-docker stop -t 0 xx",
     .proof = "mini-docker inspect -f {{.State.Status}} xx", .says = "exited",
     .after = {"mini-docker stop -t 0 xx"}, .lowest = 1, .highest = 1},
    {"md-exec", STAYS, .struck = "mini-docker exec xx echo whole",
     .says = "whole", .after = {"mini-docker ps -aq"},
     .lowest = 1, .highest = 127, .foreground = true},
    {"md-rename", STAYS, .struck = "mini-docker rename xx yy",
     .proof = "mini-docker inspect -f {{.Name}} yy", .says = "/yy",
     .after = {"-mini-docker rename yy xx"}, .lowest = 1, .highest = 1},
    {"run-volumes", .setup = "mini-docker volume rm -f xx",
     .struck = "mini-docker run --rm -v /x -v xx:/etc busybox echo whole",
     .says = "whole", .after = {"mini-docker ps -aq",
     "mini-docker volume rm -f xx"},
     .lowest = 125, .highest = 127, .foreground = true},
    {"volume-rm", .before = "mini-docker volume create xx",
     .struck = "mini-docker volume rm xx",
     .proof = "mini-docker volume rm xx", .says = "no such volume",
     .after = {"mini-docker volume rm -f xx"},
     .lowest = 1, .highest = 1},
    {"volume-create", .setup = "mini-docker volume rm -f xx",
     .struck = "mini-docker volume create xx",
     .proof = "mini-docker volume inspect xx", .says = "_data",
     .after = {"mini-docker volume rm -f xx"},
     .lowest = 1, .highest = 1},
    {"run-port",
     .struck = "mini-docker run --rm -p 127.0.0.1:18080:80 busybox echo whole",
     .says = "whole", .after = {"mini-docker ps -aq"},
     .lowest = 125, .highest = 127, .foreground = true},
    {"network-connect", .setup = "mini-docker network create yy",
     .end = "mini-docker network rm yy",
     .host = "mini-docker run -d --name xx -p 18080:80 busybox sleep 1000",
     .struck = "mini-docker network connect --gw-priority 1 yy xx",
     .proof = "mini-docker inspect -f {{.NetworkSettings.Networks.yy.IPAddress}} xx",
     .says = "172.",
     .after = {"-mini-docker network disconnect yy xx", "mini-docker ps -aq",
               "-mini-docker rm -f xx"},
     .lowest = 1, .highest = 1, .detached = true},
    {"network-disconnect", .setup = "mini-docker network create yy",
     .end = "mini-docker network rm yy",
     .host = "mini-docker run -d --name xx --network yy -p 18080:80 busybox "
             "sleep 1000",
     .struck = "mini-docker network disconnect yy xx",
     .proof = "mini-docker inspect -f {{.NetworkSettings.Networks}} xx",
     .says = "map[]",
     .after = {"-mini-docker network connect yy xx", "mini-docker ps -aq",
               "-mini-docker rm -f xx"},
     .lowest = 1, .highest = 1, .detached = true},
    {"network-create", .setup = "mini-docker network rm -f xx",
     .struck = "mini-docker network create xx",
     .proof = "mini-docker network inspect xx", .says = "Subnet",
     .after = {"mini-docker network rm -f xx"},
     .lowest = 1, .highest = 1},
    {"network-rm", .before = "mini-docker network create xx",
     .struck = "mini-docker network rm xx",
     .proof = "mini-docker network rm xx", .says = "network xx not found",
     .after = {"mini-docker network rm -f xx"},
     .lowest = 1, .highest = 1},
    {"create", .struck = "mini-runc create --bundle sleeps x",
     .proof = "mini-runc state x", .says = "\"created\"", DELETES},
    {"start", .before = "mini-runc create --bundle sleeps x",
     .struck = "mini-runc start x",
     .proof = "mini-runc state x", .says = "\"running\"", DELETES},
    {"delete", .before = "mini-runc run --keep --bundle echoes x",
     .struck = "mini-runc delete x",
     .proof = "mini-runc state x", .says = "does not exist", DELETES},
    {"delete-force", .before = "mini-runc run --detach --bundle sleeps x",
     .struck = "mini-runc delete --force x",
     .proof = "mini-runc state x", .says = "does not exist", DELETES},
    {"runc-run", .struck = "mini-runc run --bundle echoes x",
     .says = "whole", DELETES, .foreground = true},
    {"exec", .setup = "mini-runc run --detach --bundle sleeps x",
     .struck = "mini-runc exec x echo whole", .says = "whole",
     .after = {"mini-runc state x"}, .end = "mini-runc delete --force x",
     .lowest = 255, .highest = 255, .foreground = true},
};
/* clang-format on */

/* --- the walk --- */

static bool take_away(const struct row *row)
{
    int bad = 0;
    for (size_t i = 0; i < AFTER; i++)
        bad += !act_works(row->after[i]);
    return bad == 0;
}

/* Is all as before, after the next commands have looked and taken away? They
 * are not asked where it is so already: they would find what they found the
 * last time. Most points end so, and starting programs is what takes the time.
 */
static bool is_clean(const struct row *row, const struct lines *before)
{
    if (row->foreground)
        see_settle(before);
    return see_same_at_once(before) || (take_away(row) && see_same(before));
}

static bool proved(const struct row *row, const struct result *result)
{
    if (row->proof == NULL)
        return strstr(result->out, row->says) != NULL;
    struct result proof = act_execute(row->proof, NULL);
    return strstr(proof.out, row->says) != NULL ||
           strstr(proof.err, row->says) != NULL;
}

/* What it says: all of it, or the last line, where those before it may show a
 * place in a file. */
static const char *words_of(const struct row *row, const struct result *result)
{
    const char *words = result->err, *end;
    while (row->shows_where && (end = strchr(words, '\n')) != NULL &&
           end[1] != '\0')
        words = end + 1;
    return words;
}

/* Why the end of a struck command is not as it should be, or NULL. */
static const char *judge(const struct row *row, const struct result *result,
                         bool kills)
{
    const char *words = words_of(row, result);
    const char *end = strchr(words, '\n');
    int status = result->status;
    if (status == ACT_HANGS)
        return "hangs";
    if (end != NULL && end[1] != '\0')
        return "more than a line";
    if (words[0] != '\0' && strncmp(words, "mini-", 5) != 0)
        return "somebody else speaks";
    /* Killed was the program, or what was to become the container's. */
    if (kills && (status == -SIGKILL || status == 128 + SIGKILL))
        return NULL;
    if (status == 0)
        return (kills && row->detached) || proved(row, result)
                   ? NULL
                   : "success, but it is not done";
    if (status < row->lowest || status > row->highest)
        return "wrong status";
    return end == NULL ? "failure without a word" : NULL;
}

/* Returns whether the point is clean; in any case `before` is true again. */
static bool walk_point(const struct row *row, const char *wish,
                       struct lines *before, bool *ret_silent)
{
    bool good = act_works(row->before);
    /* Its start takes now one call more and now one less. If it is that which
     * is struck, it has said so, and what follows is of another point. */
    bool is_ready =
        row->host == NULL || act_execute(row->host, wish).status == 0;
    struct result result =
        act_execute(row->struck, row->host != NULL ? NULL : wish);
    *ret_silent = result.status == 0 && result.err[0] == '\0';
    const char *why =
        is_ready ? judge(row, &result, strstr(wish, "kill") != NULL) : NULL;
    if (!is_clean(row, before))
        why = why != NULL ? why : "not clean";
    /* And once more, unharmed. */
    good = good && act_works(row->before) && act_works(row->host) &&
           act_works(row->struck);
    if (!is_clean(row, before) || !good)
        why = why != NULL ? why : "the next one fails";
    if (why == NULL)
        return true;
    printf("  %s %s: status %d, %s: %s%s", row->name, wish, result.status, why,
           result.err, strchr(result.err, '\n') == NULL ? "\n" : "");
    see_done(before);
    *before = see_at_rest();
    return false;
}

/* How many there are by now in the trace. */
static int count_traced(void)
{
    char line[65536];
    int n = 0;
    FILE *file = fopen("calls", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        n += strstr(line, "\"event\": \"call\"") != NULL;
    if (file != NULL)
        fclose(file);
    return n;
}

static void trace(const char *line)
{
    setenv("MINI_DOCKER_TRACE", "jsonl:calls", 1);
    act_execute(line, NULL);
    unsetenv("MINI_DOCKER_TRACE");
}

/* How many calls are there, when nothing strikes, and caches are filled? Of
 * them so many come before what is to be struck. */
static int count_calls(const struct row *row, int *ret_before)
{
    act_works(row->before);
    act_works(row->host);
    act_works(row->struck);
    take_away(row);
    act_works(row->before);
    if (row->host != NULL)
        trace(row->host);
    *ret_before = count_traced();
    if (row->host != NULL)
        act_execute(row->struck, NULL);
    else
        trace(row->struck);
    int n = count_traced();
    take_away(row);
    unlink("calls");
    return n;
}

static int first_point(void)
{
    const char *first = getenv("WALK_FIRST");
    return first == NULL ? 1 : (int)strtol(first, NULL, 10);
}

static bool walk(const struct row *row, const char *wish)
{
    char point[64];
    int fault = (int)strcspn(wish, ":"), walked = 0, bad = 0, skipped = 0;
    bool one = wish[fault] == ':', silent = false;
    bool ready = act_works(row->setup);
    int calls = count_calls(row, &skipped);
    int n = skipped + first_point();
    if (one)
        n = skipped + (int)strtol(wish + fault + 1, NULL, 10);
    struct lines before = see_at_rest();
    while (ready && calls > 0 && bad < MAX_BAD && (!one || walked == 0)) {
        snprintf(point, sizeof point, "*:%d:%.*s", n, fault, wish);
        bad += !walk_point(row, point, &before, &silent);
        if (silent && n > calls)
            break;
        walked++;
        n += contract_step();
    }
    see_done(&before);
    act_works(row->end);
    printf("%s: %d points walked with %.*s", row->name, walked, fault, wish);
    printf(bad > 0 ? ", %d of them bad\n" : "\n", bad);
    return walked > 0 && bad == 0;
}

int main(int argc, char **argv)
{
    size_t i = 0, n_rows = sizeof rows / sizeof rows[0];
    while (argc > 2 && i < n_rows && strcmp(rows[i].name, argv[1]) != 0)
        i++;
    if (argc <= 2 || i == n_rows) {
        fprintf(stderr, "usage: walk NAME FAULT[:N]...\n");
        return 2;
    }
    act_init();
    setvbuf(stdout, NULL, _IOLBF, 0);
    int bad = 0;
    for (int f = 2; f < argc; f++)
        bad += !walk(&rows[i], argv[f]);
    return bad > 0;
}
