/*
 * Second reading: where the groups of an ordinary user go.
 *
 * On v2 a subtree can be delegated: its directory and a few of its files
 * belong to the user, who may divide it further; cgroups(7), "Cgroups
 * delegation". systemd does so for whoever is logged in. We are somewhere
 * below it, and /proc/self/cgroup says where.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool may_write(const char *dir)
{
    return faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) == 0;
}

/* Of a cgroup file's lines "id:controllers:/path", the path in v2's tree,
 * whose line begins with "0::"; NULL if there is none. */
static char *path_in_v2(const char *text)
{
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        if (text_starts(at, "0::/"))
            return text_format("%.*s", (int)len - 3, at + 3);
        at += len + (at[len] == '\n');
    }
    return NULL;
}

/* The uppermost group on the way to ours that we may write: whichever session
 * of the user asks, the answer is the same, so a group that one of them made
 * is found by all. */
void cg_find_delegated(struct cg_hierarchy *h)
{
    auto_text struct text text = {0};
    if (may_write(h->mount) ||
        files_read(AT_FDCWD, "/proc/self/cgroup", &text, NULL) < 0)
        return;
    auto_free char *path = path_in_v2(text.s);
    /* "/..": we are outside of our cgroup namespace. */
    if (path == NULL || text_starts(path, "/.."))
        return;
    for (size_t len = 0; path[len] == '/' && path[len + 1] != '\0';) {
        len += 1 + strcspn(path + len + 1, "/");
        char dir[sizeof h->mount];
        int n = snprintf(dir, sizeof dir, "%s%.*s", h->mount, (int)len, path);
        if (n >= (int)sizeof dir)
            return;
        if (may_write(dir)) {
            memcpy(h->mount, dir, sizeof dir);
            return;
        }
    }
}

int cg_check_writable(struct err *e)
{
    struct cg_layout layout;
    int r = cg_detect(&layout, e);
    for (size_t i = 0; r >= 0 && i < layout.n; i++)
        if (may_write(layout.v[i].mount))
            return 0;
    return r < 0 ? r
                 : err_set(e, EACCES,
                           "no cgroup hierarchy can be written: be root, or "
                           "start through systemd-run --user --scope -p "
                           "Delegate=yes");
}
