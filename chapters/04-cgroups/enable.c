/*
 * v2: a group has a controller's files only if its parent hands the controller
 * down, by "+memory" in the parent's cgroup.subtree_control; and so on up to
 * the root (cgroups(7), "Cgroups v2 subtree control").
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

/* Those of our controllers that the layout expects of v2, without the rare
 * ones: each controller makes making and removing a group dearer, and hardly
 * anybody limits huge pages. */
static const char *expected(const struct cg_layout *layout, int c)
{
    bool v2 = c < CG_HUGETLB && layout->where[c] == cg_v2_index(layout);
    return v2 ? cg_controller_name(c, 2) : NULL;
}

/* "+cpu +io +memory" */
static void wanted_controllers(const struct cg_layout *layout, struct text *out)
{
    text_add(out, "");
    for (int c = 0; c < CG_COUNT; c++) {
        const char *name = expected(layout, c);
        if (name != NULL)
            text_addf(out, "%s+%s", out->len > 0 ? " " : "", name);
    }
}

/* One level hands down what it can. The kernel takes all words or none, so
 * where that fails they are tried one by one: a controller may be unable to
 * follow (cpu while real-time processes run, cpuset ...). */
static int hand_down(int dir, const char *wanted, struct err *e)
{
    int r = files_write(dir, "cgroup.subtree_control", wanted, e);
    if (r == -EBUSY)
        return err_set(e, EBUSY,
                       "the group above holds processes itself, so v2 hands "
                       "no controllers down: move them into a child group, "
                       "or use systemd-run --user --scope -p Delegate=yes");
    if (r == 0 || r == -EACCES || r == -EPERM || r == -EROFS)
        return 0;
    auto_strv struct strv words = {0};
    strv_split(&words, wanted, ' ');
    for (size_t i = 0; i < words.n; i++)
        files_write(dir, "cgroup.subtree_control", words.v[i], NULL);
    return 0;
}

/* From the mount's root down to the group's parent. */
static int hand_down_path(int root, const char *path, const char *wanted,
                          struct err *e)
{
    int r = hand_down(root, wanted, e);
    for (const char *s = strchr(path, '/'); r == 0 && s != NULL;
         s = strchr(s + 1, '/')) {
        auto_free char *level = text_format("%.*s", (int)(s - path), path);
        auto_fd int dir =
            sys_openat(root, level, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        if (dir < 0)
            return err_sys(e, dir, "open %s", level);
        r = hand_down(dir, wanted, e);
        if (r < 0)
            err_add(e, "%s", level);
    }
    return r;
}

/* True if the group has every controller of ours that the layout expects of
 * v2; those that it lacks are struck out when `strike`. */
static bool has_all(struct cg_layout *layout, const char *has, bool strike)
{
    bool all = true;
    for (int c = 0; c < CG_COUNT; c++) {
        const char *name = expected(layout, c);
        if (name == NULL || cg_has_word(has, name))
            continue;
        all = false;
        if (strike)
            layout->where[c] = -1;
    }
    return all;
}

void cg_check_controllers(struct cg *cg, int dir)
{
    auto_text struct text has = {0};
    text_add(&has, "");
    files_read(dir, "cgroup.controllers", &has, NULL);
    has_all(&cg->layout, has.s, true);
}

int cg_enable_controllers(struct cg *cg, int root, int dir, struct err *e)
{
    auto_text struct text wanted = {0}, has = {0};
    wanted_controllers(&cg->layout, &wanted);
    if (wanted.len == 0)
        return 0;
    /* All but the first container on a machine find the way prepared: one
     * read, no walk. */
    int r = files_read(dir, "cgroup.controllers", &has, e);
    if (r < 0 || has_all(&cg->layout, has.s, false))
        return r;
    r = hand_down_path(root, cg->path, wanted.s, e);
    if (r < 0)
        return r;
    /* What did not arrive is not there: a limit that needs it says so. */
    cg_check_controllers(cg, dir);
    return 0;
}

/* True if the v2 group has the controller's files. */
static bool has_controller(int dir, const char *name)
{
    auto_text struct text has = {0};
    text_add(&has, "");
    return files_read(dir, "cgroup.controllers", &has, NULL) >= 0 &&
           cg_has_word(has.s, name);
}

int cg_enable_rare(const struct cg *cg, enum cg_controller controller, int dir,
                   struct err *e)
{
    const char *name = cg_controller_name(controller, 2);
    const struct cg_hierarchy *h = &cg->layout.v[cg->layout.where[controller]];
    if (has_controller(dir, name))
        return 0;
    auto_fd int root = cg_open_hierarchy(h);
    if (root < 0)
        return err_sys(e, root, "open %s", h->mount);
    auto_free char *wanted = text_format("+%s", name);
    int r = hand_down_path(root, cg->path, wanted, e);
    if (r == 0 && !has_controller(dir, name))
        r = err_set(e, EOPNOTSUPP, "this group has no %s controller", name);
    return r;
}
