/*
 * What chapter 08 adds: files that have a name and say how to run them.
 *
 *     demo STORE import ARCHIVE NAME [COMMAND]    as root
 *     demo STORE run NAME [COMMAND [ARG...]]
 *
 * STORE is a directory; commands run on a layer that is thrown away.
 */
#include "files.h"
#include "image.h"
#include "own.h"
#include "proc.h"
#include "snap.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static ssize_t read_file(void *arg, void *bytes, size_t len)
{
    ssize_t n = read(*(int *)arg, bytes, len);
    return n < 0 ? -errno : n;
}

static int set_command(void *arg, json_t *config, struct err *e)
{
    (void)e;
    return json_object_set_new(config, "Cmd", json_pack("[s]", arg));
}

static int import(struct image_store *store, char **words, struct err *e)
{
    char id[72];
    auto_fd int fd = sys_openat(AT_FDCWD, words[0], O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open %s", words[0]);
    struct image_import what = {.name = words[1]};
    what.source = (struct layer_source){read_file, &fd};
    what.change = words[1] != NULL && words[2] != NULL ? set_command : NULL;
    what.change_arg = what.change != NULL ? words[2] : NULL;
    if (image_import(store, &what, id, e) < 0)
        return -e->code;
    return printf("%s\n", id) < 0 ? -EIO : 0;
}

/* Chapter 07's way in: the mount becomes the root. */
static _Noreturn void inside(const struct snap *snap, char *const *command)
{
    auto_free char *merged = text_format("%s/merged", snap->dir);
    struct err e = {.msg = "enter the image"};
    if (sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0 &&
        snap_mount(snap, &e) == 0 && sys_chdir(merged) == 0 &&
        sys_pivot_root(".", ".") == 0 && sys_umount2(".", MNT_DETACH) == 0 &&
        sys_chdir("/") == 0)
        execvp(command[0], command);
    fprintf(stderr, "demo: %s\n", e.code != 0 ? e.msg : "it cannot be run");
    _exit(127);
}

static int run(struct image_store *store, char **words, struct err *e)
{
    auto_image struct image image = {0};
    auto_snap struct snap snap = {.is_volatile = true};
    auto_strv struct strv command = {0};
    int r = image_find(store, words[0], &image, e);
    if (r < 0)
        return r;
    size_t i;
    const json_t *word, *config = json_object_get(image.config, "config");
    json_array_foreach(json_object_get(config, "Cmd"), i, word)
        strv_add(&command, json_string_value(word));
    if (words[1] == NULL && command.n == 0)
        return err_set(e, EINVAL, "the image names no command");
    image_stack(&image, &snap.layers);
    snap.dir = text_format("%s/demo", store->path);
    r = snap_create(&snap, e);
    auto_fd int pidfd = -1;
    int pid = r < 0 ? r : proc_clone(CLONE_NEWNS | CLONE_NEWPID, -1, &pidfd, e);
    if (pid == 0)
        inside(&snap, words[1] != NULL ? words + 1 : command.v);
    r = pid < 0 ? pid : proc_wait(pidfd, e);
    files_remove_tree(AT_FDCWD, snap.dir, NULL);
    return r;
}

int main(int argc, char **argv)
{
    struct err e = {.msg = "usage: demo STORE import|run ..."};
    auto_image_store struct image_store store = {.root = -1};
    int r = argc < 4 ? -EINVAL : image_store_open(&store, argv[1], &e);
    if (r == 0)
        r = (strcmp(argv[2], "run") == 0 ? run : import)(&store, argv + 3, &e);
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? 125 : r;
}
