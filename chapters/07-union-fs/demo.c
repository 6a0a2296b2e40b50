/*
 * What chapter 07 adds: a root of layers, with a layer of one's own on top.
 *
 *     demo DIRECTORY... [-- COMMAND [ARG...]]      as root
 *
 * The directories are the layers, the uppermost first. The command (or a shell)
 * runs on top of them; then it is told what it changed.
 */
#include "diff.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "snap.h"
#include "sys.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Chapter 03's short way in: the mount becomes the root. */
static int enter(const char *root)
{
    int r = sys_chdir(root);
    if (r == 0)
        r = sys_pivot_root(".", ".");
    if (r == 0)
        r = sys_umount2(".", MNT_DETACH);
    return r == 0 ? sys_chdir("/") : r;
}

static _Noreturn void inside(const struct snap *snap, char **command)
{
    char shell[] = "sh";
    struct err e = {0};
    auto_free char *merged = text_format("%s/merged", snap->dir);
    int r = sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
    if (r == 0)
        r = snap_mount(snap, &e);
    if (r == 0)
        r = enter(merged);
    if (r == 0)
        execvp(command[0] != NULL ? command[0] : shell,
               command[0] != NULL ? command : (char *[]){shell, NULL});
    fprintf(stderr, "demo: %s\n", r < 0 && e.code != 0 ? e.msg : "exec failed");
    _exit(127);
}

static int tell(void *arg, const struct diff_change *change, struct err *e)
{
    (void)arg;
    (void)e;
    printf("%c /%s\n", "CAD"[change->kind], change -> path);
    return 0;
}

static int show_changes(const struct snap *snap, struct err *e)
{
    auto_tree struct tree above = {.has_marks = true}, below = above;
    auto_strv struct strv own = {0};
    strv_addf(&own, "%s/diff", snap->dir);
    struct diff diff = {
        .above = &above, .below = &below, .is_sheet = true, .change = tell};
    int r = tree_open(&above, &own, e);
    r = r < 0 ? r : tree_open(&below, &snap->layers, e);
    return r < 0 ? r : diff_walk(&diff, e);
}

static int run(const struct snap *snap, char **command, struct err *e)
{
    auto_fd int pidfd = -1;
    int r = snap_create(snap, e);
    int pid = r < 0 ? r : proc_clone(CLONE_NEWNS | CLONE_NEWPID, -1, &pidfd, e);
    if (pid == 0)
        inside(snap, command);
    int code = pid < 0 ? pid : proc_wait(pidfd, e);
    r = code < 0 ? code : show_changes(snap, e);
    return r < 0 ? r : code;
}

int main(int argc, char **argv)
{
    struct err e;
    char dir[] = "/var/tmp/mini-docker-demo.XXXXXX";
    auto_snap struct snap snap = {0};
    char **at = argv + (argc > 0);
    for (; *at != NULL && strcmp(*at, "--") != 0; at++)
        strv_add(&snap.layers, *at);
    if (mkdtemp(dir) == NULL)
        return 125;
    snap.dir = own_strdup(dir);
    int r = run(&snap, *at != NULL ? at + 1 : at, &e);
    files_remove_tree(AT_FDCWD, dir, NULL);
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? 125 : r;
}
