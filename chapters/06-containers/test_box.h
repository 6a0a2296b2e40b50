/*
 * test_box.h - for tests: a container of busybox, made by hand from a spec.
 *
 *     struct box box;
 *     box_init(&box, "echo hello");        // now change box.spec as you like
 *     box_start(&box);
 *     box_read(&box, said);                // "hello"
 *     box_end(&box);
 */
#ifndef TEST_BOX_H
#define TEST_BOX_H

#include "contract.h"
#include "ctr.h"
#include "own.h"
#include "proc.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOX_ROOT SCRATCH "/root"
#define BOX_NAMESPACES                                                         \
    (NS_BIT(NS_MOUNT) | NS_BIT(NS_PID) | NS_BIT(NS_UTS) | NS_BIT(NS_IPC) |     \
     NS_BIT(NS_NET) | NS_BIT(NS_CGROUP))

/* One container and what it says. */
struct box {
    struct spec spec;
    struct ctr ctr;
    struct ctr_options options;
    int output; /* our end of its standard output */
    struct err e;
};

/* A root with busybox in it, and a spec that runs `script` there. */
static inline void box_init(struct box *box, const char *script)
{
    contract_needs(access("/bin/busybox", X_OK) == 0, "no busybox-static");
    scratch_enter();
    ck_assert_int_eq(mkdir(BOX_ROOT, 0755), 0);
    ck_assert_int_eq(mkdir(BOX_ROOT "/bin", 0755), 0);
    ck_assert_int_eq(mkdir(BOX_ROOT "/proc", 0755), 0);
    /* A bind of the file needs no copying. */
    int sh = creat(BOX_ROOT "/bin/sh", 0755);
    ck_assert_int_ge(sh, 0);
    close(sh);
    ck_assert_int_eq(
        mount("/bin/busybox", BOX_ROOT "/bin/sh", NULL, MS_BIND, NULL), 0);
    *box = (struct box){.spec = SPEC_INIT, .ctr = CTR_INIT};
    struct spec *spec = &box->spec;
    const char *const args[] = {"sh", "-c", script};
    for (size_t i = 0; i < 3; i++)
        strv_add(&spec->process.args, args[i]);
    strv_add(&spec->process.env, "PATH=/bin");
    spec->process.cwd = own_strdup("/");
    spec->process.caps = caps_for_user(caps_default(), 0);
    spec->root.path = own_strdup(BOX_ROOT);
    spec->new_namespaces = BOX_NAMESPACES;
    spec->hostname = own_strdup("box");
    spec->cgroup = text_format("mini-docker-test-%d", (int)getpid());
    mnt_list_add(&spec->mounts, "proc", "/proc", "proc", "nosuid", &box->e);
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    box->output = ends[0];
    box->options = (struct ctr_options){
        .stdio = {-1, ends[1], -1}
    };
}

static inline int box_create(struct box *box)
{
    int r = ctr_create(&box->ctr, &box->spec, &box->options, &box->e);
    close(box->options.stdio[1]);
    return r;
}

static inline void box_start(struct box *box)
{
    ck_assert_msg(box_create(box) == 0, "%s", box->e.msg);
    ck_assert_msg(ctr_start(&box->ctr, &box->e) == 0, "%s", box->e.msg);
}

/* What it wrote, up to the end of file. */
static inline void box_read(struct box *box, char out[256])
{
    size_t used = 0;
    ssize_t n;
    while (used < 255 && (n = read(box->output, out + used, 255 - used)) > 0)
        used += (size_t)n;
    out[used] = '\0';
}

static inline void box_end(struct box *box)
{
    char group[64];
    snprintf(group, sizeof group, "%s", box->spec.cgroup);
    ck_assert_msg(ctr_destroy(&box->ctr, &box->e) == 0, "%s", box->e.msg);
    struct cg cg = CG_INIT;
    ck_assert_int_eq(cg_open(&cg, group, NULL), -ENOENT);
    spec_done(&box->spec);
}

/* Create and start; the code of the step that failed, with its message. */
static inline int box_fails(struct box *box)
{
    int r = box_create(box);
    return r < 0 ? r : ctr_start(&box->ctr, &box->e);
}

#endif
