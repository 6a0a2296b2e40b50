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

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- architectures --- */

/* Profiles spell them in two ways: SCMP_ARCH_X86_64 where architectures are
 * chosen, and as Go does, amd64, in conditions. 0 for one that this libseccomp
 * does not know. */
static uint32_t arch_number(const char *name)
{
    static const char *const go[][2] = {
        {"amd64",    "x86_64"  },
        {"386",      "x86"     },
        {"arm64",    "aarch64" },
        {"mipsle",   "mipsel"  },
        {"mips64le", "mipsel64"},
    };
    char word[32] = "";
    if (text_starts(name, "SCMP_ARCH_"))
        name += strlen("SCMP_ARCH_");
    for (size_t i = 0; name[i] != '\0' && i < sizeof word - 1; i++)
        word[i] = (char)tolower((unsigned char)name[i]);
    for (size_t i = 0; i < sizeof go / sizeof go[0]; i++)
        if (strcmp(word, go[i][0]) == 0)
            return seccomp_arch_resolve_name(go[i][1]);
    return seccomp_arch_resolve_name(word);
}

static int add_arch(scmp_filter_ctx ctx, const json_t *name, struct err *e)
{
    const char *s = json_string_value(name);
    uint32_t arch = s == NULL ? 0 : arch_number(s);
    if (arch == 0)
        return err_set(e, EINVAL, "unknown architecture \"%s\"", s ? s : "");
    int r = seccomp_arch_add(ctx, arch);
    return r < 0 && r != -EEXIST ? err_sys(e, r, "add architecture %s", s) : 0;
}

static int add_arches(scmp_filter_ctx ctx, const json_t *names, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < json_array_size(names); i++)
        r = add_arch(ctx, json_array_get(names, i), e);
    return r;
}

/* "architectures" lists them; "archMap" lists, for each native one, those
 * that its kernel also runs. The native one is always there. Calls by any
 * other architecture's numbers kill the caller: or else int 0x80 would be a
 * way around the filter. */
static int read_arches(scmp_filter_ctx ctx, const json_t *profile,
                       struct err *e)
{
    const json_t *list = json_object_get(profile, "architectures");
    const json_t *map = json_object_get(profile, "archMap");
    if (json_array_size(list) > 0 && json_array_size(map) > 0)
        return err_set(e, EINVAL,
                       "both \"architectures\" and \"archMap\" are given");
    int r = add_arches(ctx, list, e);
    for (size_t i = 0; r == 0 && i < json_array_size(map); i++) {
        const json_t *row = json_array_get(map, i);
        const char *name =
            json_string_value(json_object_get(row, "architecture"));
        if (name != NULL && arch_number(name) == seccomp_arch_native())
            r = add_arches(ctx, json_object_get(row, "subArchitectures"), e);
    }
    return r;
}

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
        if (name != NULL && arch_number(name) == seccomp_arch_native())
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
    __attribute__((cleanup(release))) scmp_filter_ctx ctx =
        seccomp_init(b.default_action);
    if (ctx == NULL)
        return err_set(e, EINVAL, "libseccomp refuses the default action");
    b.ctx = ctx;
    /* A binary tree of comparisons instead of a list of them. */
    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    r = read_arches(ctx, profile, e);
    const json_t *entries = json_object_get(profile, "syscalls");
    if (r == 0 && entries != NULL && !json_is_array(entries))
        r = err_set(e, EINVAL, "\"syscalls\" is not a list");
    for (size_t i = 0; r == 0 && i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        if (applies(source, entry))
            r = filter_add_rules(&b, entry, e);
    }
    if (r == 0)
        r = export(ctx, ret, e);
    if (r == 0)
        filter_prepend_newer(ret, &b, profile);
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
