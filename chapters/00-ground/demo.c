/*
 * demo - replace a file whose every call can be watched and broken.
 *
 *     demo                                     it works
 *     MINI_DOCKER_TRACE=all demo               and this is how
 *     MINI_DOCKER_FAULT=renameat2:1:EIO demo   what is left when a call fails
 *     demo walk                                when each call in turn fails
 */
#include "fault.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One step of work: remember who the container is. */
static int remember(const char *name, struct err *e)
{
    trace_step_begin("remember", "00", "a name survives a crash whole");
    int r = files_mkdirs(AT_FDCWD, "web/state", 0700, e);
    if (r >= 0)
        r = files_replace(AT_FDCWD, "web/state/name", name, strlen(name),
                          FILES_DURABLE, e);
    trace_step_end(r);
    return r < 0 ? err_add(e, "remember \"%s\"", name) : 0;
}

static int recall(struct text *name, struct err *e)
{
    auto_fd int dir = sys_openat(AT_FDCWD, "web/state", O_PATH | O_CLOEXEC, 0);
    if (dir < 0)
        return err_sys(e, dir, "open web/state");
    return files_read(dir, "name", name, e);
}

/* In a child, with call number `nth` failing. 0 when it did its work. */
static int remember_with_fault(int nth, struct err *e)
{
    fflush(stdout);
    struct clone_args args = {.exit_signal = SIGCHLD};
    int pid = sys_clone3(&args, sizeof args);
    if (pid < 0)
        return err_sys(e, pid, "clone3");
    if (pid == 0) {
        auto_free char *wish = text_format("*:%d:EIO", nth);
        struct err why = {0};
        int r = fault_open(wish, &why);
        r = r < 0 ? r : remember("new", &why);
        printf("call %d fails: %s\n", nth, r < 0 ? why.msg : "never reached");
        fflush(stdout);
        _exit(r < 0 ? 1 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

/* The n-th call fails, for every n: the file is the old or the new one. */
static int walk(struct err *e)
{
    int failed = 1;
    for (int nth = 1; failed > 0; nth++) {
        int r = remember("old", e);
        if (r < 0 || (failed = remember_with_fault(nth, e)) < 0)
            return -1;
        auto_text struct text name = {0};
        if (recall(&name, e) < 0)
            return -1;
        printf("    and the file says \"%s\"\n", name.s);
    }
    return 0;
}

int main(int argc, char **argv)
{
    char place[] = "/tmp/demo.XXXXXX";
    if (mkdtemp(place) == NULL || chdir(place) < 0)
        return EXIT_FAILURE;
    struct err e = {0};
    auto_text struct text name = {0};
    int r = trace_open(getenv("MINI_DOCKER_TRACE"), &e);
    r = r < 0 ? r : fault_open(getenv("MINI_DOCKER_FAULT"), &e);
    if (r >= 0)
        r = argc > 1 && strcmp(argv[1], "walk") == 0 ? walk(&e)
                                                     : remember("web", &e);
    r = r < 0 ? r : recall(&name, &e);
    trace_close();
    files_remove_tree(AT_FDCWD, place, NULL);
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    else
        printf("its name is \"%s\"\n", name.s);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
