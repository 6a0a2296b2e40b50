/*
 * A profile in JSON becomes a program. The format is Docker's: a default
 * action, and a list of entries that name system calls, an action for them,
 * conditions on their arguments ("args"), and conditions under which the entry
 * counts at all ("includes", "excludes"): capabilities the container keeps,
 * architecture, kernel version.
 *
 * libseccomp translates names to numbers, for each architecture its own, and
 * arranges the comparisons as a tree.
 */
#include "filter_parts.h"

#include "caps.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- conditions of an entry --- */

enum { HOLDS_ALL, HOLDS_ANY };

/* Does the container keep all, or any, of these capabilities? */
static bool caps_hold(const json_t *names, uint64_t caps, int how)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        int number = name == NULL ? -1 : caps_number(name);
        bool held = number >= 0 && (caps >> number & 1) != 0;
        if (held == (how == HOLDS_ANY))
            return held;
    }
    return how == HOLDS_ALL;
}

static bool is_native_among(const json_t *names)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name != NULL && filter_arch_number(name) == seccomp_arch_native())
            return true;
    }
    return false;
}

/* "4.8" of "6.1.0-18-amd64": the first two numbers decide. */
static bool kernel_is_at_least(const char *release, const char *wanted)
{
    for (int i = 0; i < 2; i++) {
        char *after_release, *after_wanted;
        unsigned long have = strtoul(release, &after_release, 10);
        unsigned long want = strtoul(wanted, &after_wanted, 10);
        if (have != want)
            return have > want;
        release = after_release + (*after_release == '.');
        wanted = after_wanted + (*after_wanted == '.');
    }
    return true;
}

static bool applies(const struct filter_source *source, const json_t *entry)
{
    const json_t *in = json_object_get(entry, "includes");
    const json_t *out = json_object_get(entry, "excludes");
    const json_t *in_arches = json_object_get(in, "arches");
    const char *since = json_string_value(json_object_get(in, "minKernel"));
    const char *until = json_string_value(json_object_get(out, "minKernel"));
    if (json_array_size(in_arches) > 0 && !is_native_among(in_arches))
        return false;
    if (!caps_hold(json_object_get(in, "caps"), source->caps, HOLDS_ALL))
        return false;
    if (since != NULL && !kernel_is_at_least(source->release, since))
        return false;
    if (is_native_among(json_object_get(out, "arches")))
        return false;
    if (caps_hold(json_object_get(out, "caps"), source->caps, HOLDS_ANY))
        return false;
    return until == NULL || !kernel_is_at_least(source->release, until);
}

/* --- the whole --- */

/* The program is written to a file without a name, and read back. */
static int export(scmp_filter_ctx ctx, struct filter *ret, struct err *e)
{
    auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return err_sys(e, errno, "memfd_create");
    int r = seccomp_export_bpf(ctx, fd);
    if (r < 0)
        return err_sys(e, r, "compile");
    off_t size = lseek(fd, 0, SEEK_END);
    ret->n = (size_t)size / sizeof *ret->code;
    ret->code = own_alloc((size_t)size);
    if (pread(fd, ret->code, (size_t)size, 0) != size)
        return err_set(e, EIO, "compile: the program cannot be read back");
    return 0;
}

static void release(scmp_filter_ctx *ctx)
{
    if (*ctx != NULL)
        seccomp_release(*ctx);
}

static int build(const struct filter_source *source, const json_t *profile,
                 struct filter *ret, struct err *e)
{
    struct filter_builder b = {0};
    int r = filter_read_action(profile, "defaultAction", "defaultErrnoRet",
                               &b.default_action, e);
    if (r < 0)
        return r;
    /* Even telling the supervisor of itself would wait for the supervisor. */
    if (b.default_action == SCMP_ACT_NOTIFY)
        return err_set(e, EINVAL,
                       "SCMP_ACT_NOTIFY cannot be used as default action");
    __attribute__((cleanup(release))) scmp_filter_ctx ctx =
        seccomp_init(b.default_action);
    if (ctx == NULL)
        return err_set(e, EINVAL, "libseccomp refuses the default action");
    b.ctx = ctx;
    const json_t *entries = json_object_get(profile, "syscalls");
    if (entries != NULL && !json_is_array(entries))
        return err_set(e, EINVAL, "\"syscalls\" is not a list");
    /* A binary tree of comparisons instead of a list of them. Some versions of
     * the library make nonsense of a tree without leaves. */
    if (json_array_size(entries) > 0)
        seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    r = filter_read_arches(source, ctx, profile, e);
    for (size_t i = 0; r == 0 && i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        if (source->oci || applies(source, entry))
            r = filter_add_rules(&b, entry, e);
    }
    if (r == 0)
        r = filter_read_flags(profile, &ret->flags, e);
    if (r == 0)
        r = export(ctx, ret, e);
    if (r == 0)
        filter_prepend_newer(ret, &b, profile);
    ret->notifies = b.notifies;
    return r;
}

static void forget(json_t **json)
{
    json_decref(*json);
}

int filter_compile(const struct filter_source *source, struct filter *ret,
                   struct err *e)
{
    json_error_t where;
    __attribute__((cleanup(forget))) json_t *profile =
        json_loadb(source->text, source->len, JSON_REJECT_DUPLICATES, &where);
    if (profile == NULL)
        return err_set(e, EINVAL, "line %d, column %d: %s", where.line,
                       where.column, where.text);
    if (!json_is_object(profile))
        return err_set(e, EINVAL, "not a JSON object");
    int r = build(source, profile, ret, e);
    if (r < 0)
        filter_done(ret);
    return r;
}
