/*
 * Where is each controller? The kernel does not promise any place: it is
 * whatever was mounted, and /proc/self/mountinfo says so.
 */
#include "cg_parts.h"

#include "files.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Built in: every v2 group has it, whatever controllers there are. */
/* clang-format off */
static const struct {
    const char *v1, *v2;
    bool built_in;
} controller_names[CG_COUNT] = {
    [CG_MEMORY]   = {"memory", "memory", false},
    [CG_CPU]      = {"cpu", "cpu", false},
    [CG_CPUACCT]  = {"cpuacct", NULL, true},
    [CG_CPUSET]   = {"cpuset", "cpuset", false},
    [CG_PIDS]     = {"pids", "pids", false},
    [CG_IO]       = {"blkio", "io", false},
    [CG_DEVICES]  = {"devices", NULL, true},
    [CG_FREEZER]  = {"freezer", NULL, true},
    [CG_HUGETLB]  = {"hugetlb", "hugetlb", false},
    [CG_RDMA]     = {"rdma", "rdma", false},
    [CG_NET_CLS]  = {"net_cls", NULL, false},
    [CG_NET_PRIO] = {"net_prio", NULL, false},
    [CG_MISC]     = {"misc", "misc", false},
};
/* clang-format on */

const char *cg_controller_name(enum cg_controller controller, int version)
{
    return version == 1 ? controller_names[controller].v1
                        : controller_names[controller].v2;
}

bool cg_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *s = list; *s != '\0'; s += strcspn(s, " ,\n")) {
        s += strspn(s, " ,\n");
        if (strcspn(s, " ,\n") == len && strncmp(s, word, len) == 0)
            return true;
    }
    return false;
}

/* A piece of a line: mountinfo is read in place, nothing is copied. */
struct word {
    const char *s;
    size_t len;
};

static bool is(struct word w, const char *s)
{
    return w.len == strlen(s) && memcmp(w.s, s, w.len) == 0;
}

/* The next word of the line; empty at its end. */
static struct word next_word(const char **at)
{
    const char *s = *at + strspn(*at, " ");
    size_t len = strcspn(s, " \n");
    *at = s + len;
    return (struct word){s, len};
}

/* proc(5), /proc/PID/mountinfo:
 *
 *     36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda rw,data=x
 *           dev  root  mount                      type        options
 */
struct mount_line {
    struct word dev, root, mount, type, options;
};

static bool split_line(const char *line, struct mount_line *ret)
{
    const char *at = line;
    next_word(&at);
    next_word(&at);
    ret->dev = next_word(&at);
    ret->root = next_word(&at);
    ret->mount = next_word(&at);
    struct word w = next_word(&at);
    /* There are none or several optional fields; "-" ends them. */
    while (w.len > 0 && !is(w, "-"))
        w = next_word(&at);
    ret->type = next_word(&at);
    next_word(&at);
    ret->options = next_word(&at);
    return ret->options.len > 0;
}

static bool is_octal(const char *s)
{
    return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
           s[2] >= '0' && s[2] <= '7';
}

/* The kernel writes space, tab, newline and backslash as \040, \011 ... */
static bool unescape(struct word w, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < w.len; i++) {
        if (n + 1 >= size)
            return false;
        if (w.s[i] == '\\' && w.len - i > 3 && is_octal(w.s + i + 1)) {
            out[n++] = (char)((w.s[i + 1] - '0') << 6 |
                              (w.s[i + 2] - '0') << 3 | (w.s[i + 3] - '0'));
            i += 3;
        } else {
            out[n++] = w.s[i];
        }
    }
    out[n] = '\0';
    return n > 0;
}

/* Among a v1 mount's options, what names the hierarchy: its controllers, or
 * the name of one that has none. Mounting it again needs the same words. */
static bool names_hierarchy(struct word option)
{
    for (size_t i = 0; i < CG_COUNT; i++)
        if (is(option, controller_names[i].v1))
            return true;
    return is(option, "perf_event") ||
           (option.len > 5 && memcmp(option.s, "name=", 5) == 0);
}

static bool pick_controllers(struct word options, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < options.len; i++) {
        struct word option = {options.s + i, strcspn(options.s + i, ", \n")};
        i += option.len;
        if (!names_hierarchy(option))
            continue;
        if (used + option.len + 2 > size)
            return false;
        if (used > 0)
            out[used++] = ',';
        memcpy(out + used, option.s, option.len);
        used += option.len;
        out[used] = '\0';
    }
    return used > 0;
}

/* Which slot a mount goes to: a new one, or an older one that shows the same
 * hierarchy (the same device number) or lies hidden under this mount. */
static size_t find_slot(const struct cg_layout *layout,
                        const struct word devices[], struct word device,
                        const char *mount)
{
    size_t i = 0;
    for (; i < layout->n; i++) {
        bool same = devices[i].len == device.len &&
                    memcmp(devices[i].s, device.s, device.len) == 0;
        if (same || strcmp(layout->v[i].mount, mount) == 0)
            break;
    }
    return i;
}

static void add_hierarchy(struct cg_layout *layout, struct word devices[],
                          const struct mount_line *line)
{
    static const char usual[] = "/sys/fs/cgroup";
    struct cg_hierarchy h = {.version = is(line->type, "cgroup2") ? 2 : 1};
    if (!unescape(line->mount, h.mount, sizeof h.mount) ||
        (h.version == 1 &&
         !pick_controllers(line->options, h.controllers, sizeof h.controllers)))
        return;
    size_t i = find_slot(layout, devices, line->dev, h.mount);
    if (i == CG_MAX_HIERARCHIES)
        return;
    /* Mounted twice: the usual place is the one that lasts. */
    if (i < layout->n && text_starts(layout->v[i].mount, usual) &&
        !text_starts(h.mount, usual))
        return;
    layout->v[i] = h;
    devices[i] = line->dev;
    if (i == layout->n)
        layout->n++;
}

int cg_parse_mountinfo(const char *text, struct cg_layout *ret)
{
    struct word devices[CG_MAX_HIERARCHIES];
    *ret = (struct cg_layout){0};
    for (size_t c = 0; c < CG_COUNT; c++)
        ret->where[c] = -1;
    for (const char *at = text; *at != '\0';) {
        struct mount_line line;
        /* A root of "/.." shows groups above our cgroup namespace: such a
         * mount was made outside and is not ours to use. */
        if (split_line(at, &line) &&
            (is(line.type, "cgroup") || is(line.type, "cgroup2")) &&
            !(line.root.len >= 3 && memcmp(line.root.s, "/..", 3) == 0))
            add_hierarchy(ret, devices, &line);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    for (size_t i = 0; i < ret->n; i++)
        for (size_t c = 0; c < CG_COUNT; c++)
            if (cg_has_word(ret->v[i].controllers, controller_names[c].v1))
                ret->where[c] = (int8_t)i;
    return (int)ret->n;
}

int cg_v2_index(const struct cg_layout *layout)
{
    for (size_t i = 0; i < layout->n; i++)
        if (layout->v[i].version == 2)
            return (int)i;
    return -1;
}

void cg_parse_controllers(const char *controllers, struct cg_layout *layout)
{
    int v2 = cg_v2_index(layout);
    if (v2 < 0)
        return;
    for (size_t c = 0; c < CG_COUNT; c++) {
        const char *name = controller_names[c].v2;
        /* Processor time, freezing and devices need no controller in v2:
         * every group has them. */
        bool there = name == NULL ? controller_names[c].built_in
                                  : cg_has_word(controllers, name);
        if (layout->where[c] < 0 && there)
            layout->where[c] = (int8_t)v2;
    }
}

int cg_detect(struct cg_layout *ret, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(AT_FDCWD, "/proc/self/mountinfo", &text, e);
    if (r < 0)
        return r;
    if (cg_parse_mountinfo(text.s, ret) == 0)
        return err_set(e, ENOENT, "no cgroup file system is mounted");
    int v2 = cg_v2_index(ret);
    if (v2 < 0)
        return 0;
    cg_find_delegated(&ret->v[v2]);
    char path[sizeof ret->v[0].mount + 32];
    snprintf(path, sizeof path, "%s/cgroup.controllers", ret->v[v2].mount);
    text_clear(&text);
    /* Hidden under another mount or not readable: v2 then carries nothing. */
    files_read(AT_FDCWD, path, &text, NULL);
    cg_parse_controllers(text.s, ret);
    return 0;
}

const char *cg_layout_name(const struct cg_layout *layout)
{
    int v2 = cg_v2_index(layout);
    if (v2 < 0)
        return "v1";
    return layout->n == 1 ? "v2" : "hybrid";
}
