/*
 * build_tool.h - private: a program beside us that knows a protocol: curl, git.
 *
 * We are one static program, and neither TLS nor git's protocol is something
 * to write anew. So what these can fetch, they fetch, as a process of ours that
 * dies with us (PR_SET_PDEATHSIG) and is ended when the build is interrupted.
 *
 *     const char *const argv[] = {"git", "rev-parse", "HEAD", NULL};
 *     struct build_tool tool = {.argv = argv, .dir = dir};
 *     int code = build_tool_run(&tool, &e);
 *     ... tool.said.s, tool.why.s
 *     build_tool_done(&tool);
 *
 * Only chapter 13 includes this. Not where there is more than one thread.
 */
#ifndef BUILD_TOOL_H
#define BUILD_TOOL_H

#include "err.h"
#include "text.h"

#include <stdbool.h>

struct build_tool {
    const char *const *argv; /* its name first, looked for along PATH */
    int dir;                 /* where it runs; -1: where we are */
    struct text said, why; /* results: what it wrote to its output and errors */
    int pidfd, out, err;   /* while it runs: itself, and what it writes to */
};

/* Its exit code, as proc_wait has it; -ENOENT: there is no such program, and
 * the message says how to get it; -EINTR: a signal that ends builds came. */
int build_tool_run(struct build_tool *tool, struct err *e);
/* The same in two parts, for who reads its output by himself: start it; and
 * when that is at its end, or it was killed, hear its errors and its code. */
int build_tool_start(struct build_tool *tool, struct err *e);
int build_tool_end(struct build_tool *tool, struct err *e);
/* Add what is there to be read; false at the end. */
bool build_tool_take(int fd, struct text *ret);
/* Why it failed, in its own words: of its errors the first line that begins so,
 * without that beginning; else the last. Caller frees. */
char *build_tool_why(const struct build_tool *tool, const char *beginning);
void build_tool_done(struct build_tool *tool);

#endif
