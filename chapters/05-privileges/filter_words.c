/*
 * What a profile says about the filter as a whole, each from a table of words:
 * for which architectures it judges, and with which flags it is installed.
 */
#include "filter_parts.h"

#include "sys.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <string.h>

#define ARCH "SCMP_ARCH_"

/* Profiles spell them in two ways: SCMP_ARCH_X86_64 where architectures are
 * chosen, and as Go does, amd64, in Docker's conditions. libseccomp's own name
 * is the first one without its beginning, in small letters. */
static const struct {
    const char *name, *go;
} arches[] = {
    {ARCH "AARCH64",     "arm64"      },
    {ARCH "ARM",         "arm"        },
    {ARCH "LOONGARCH64", "loong64"    },
    {ARCH "MIPS",        "mips"       },
    {ARCH "MIPS64",      "mips64"     },
    {ARCH "MIPS64N32",   "mips64n32"  },
    {ARCH "MIPSEL",      "mipsle"     },
    {ARCH "MIPSEL64",    "mips64le"   },
    {ARCH "MIPSEL64N32", "mips64n32le"},
    {ARCH "PPC",         "ppc"        },
    {ARCH "PPC64",       "ppc64"      },
    {ARCH "PPC64LE",     "ppc64le"    },
    {ARCH "RISCV64",     "riscv64"    },
    {ARCH "S390",        "s390"       },
    {ARCH "S390X",       "s390x"      },
    {ARCH "X32",         "x32"        },
    {ARCH "X86",         "386"        },
    {ARCH "X86_64",      "amd64"      },
};
enum { ARCHES = sizeof arches / sizeof arches[0] };

const char *filter_arch_name(size_t i)
{
    return i < ARCHES ? arches[i].name : NULL;
}

uint32_t filter_arch_number(const char *name)
{
    char word[32] = "";
    for (size_t i = 0; i < ARCHES; i++) {
        const char *own = arches[i].name + strlen(ARCH);
        if (strcmp(name, arches[i].name) != 0 &&
            strcmp(name, arches[i].go) != 0)
            continue;
        for (size_t k = 0; own[k] != '\0' && k < sizeof word - 1; k++)
            word[k] = (char)tolower((unsigned char)own[k]);
        return seccomp_arch_resolve_name(word);
    }
    return 0;
}

static int add_arch(scmp_filter_ctx ctx, const json_t *name, struct err *e)
{
    const char *s = json_string_value(name);
    uint32_t arch =
        s == NULL || !text_starts(s, ARCH) ? 0 : filter_arch_number(s);
    if (arch == 0)
        return err_set(e, EINVAL,
                       "unknown architecture \"%s\" in \"architectures\"",
                       s ? s : "");
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

/* "architectures" lists them; Docker's "archMap" lists, for each native one,
 * those that its kernel also runs. The native one is always there. Calls by any
 * other architecture's numbers kill the caller: or else int 0x80 would be a
 * way around the filter. */
int filter_read_arches(const struct filter_source *source, scmp_filter_ctx ctx,
                       const json_t *profile, struct err *e)
{
    const json_t *list = json_object_get(profile, "architectures");
    const json_t *map =
        source->oci ? NULL : json_object_get(profile, "archMap");
    if (json_array_size(list) > 0 && json_array_size(map) > 0)
        return err_set(e, EINVAL,
                       "both \"architectures\" and \"archMap\" are given");
    int r = add_arches(ctx, list, e);
    for (size_t i = 0; r == 0 && i < json_array_size(map); i++) {
        const json_t *row = json_array_get(map, i);
        const char *name =
            json_string_value(json_object_get(row, "architecture"));
        if (name != NULL && filter_arch_number(name) == seccomp_arch_native())
            r = add_arches(ctx, json_object_get(row, "subArchitectures"), e);
    }
    return r;
}

#define FLAG(word) "SECCOMP_FILTER_FLAG_" #word, SECCOMP_FILTER_FLAG_##word

/* seccomp(2). TSYNC puts all threads of the process under the filter, which at
 * this point has one only: known, and done by doing nothing. */
static const struct {
    const char *name;
    unsigned int flag;
    unsigned int with; /* the kernel wants this flag beside it */
    bool nothing;
} flags[] = {
    {FLAG(LOG),                0,                                false},
    {FLAG(SPEC_ALLOW),         0,                                false},
    {FLAG(TSYNC),              0,                                true },
    {FLAG(WAIT_KILLABLE_RECV), SECCOMP_FILTER_FLAG_NEW_LISTENER, false},
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

const char *filter_flag_name(size_t i)
{
    return i < FLAGS ? flags[i].name : NULL;
}

/* The kernel looks at the flags first and at the program second, so that of no
 * program it complains (EFAULT) only if it knows the flag (else EINVAL). */
bool filter_flag_supported(size_t i)
{
    if (i >= FLAGS)
        return false;
    return sys_seccomp(SECCOMP_SET_MODE_FILTER, flags[i].flag | flags[i].with,
                       NULL) == -EFAULT;
}

static int add_flag(const json_t *name, unsigned int *ret, struct err *e)
{
    const char *s = json_string_value(name);
    for (size_t i = 0; s != NULL && i < FLAGS; i++)
        if (strcmp(s, flags[i].name) == 0) {
            *ret |= flags[i].nothing ? 0 : flags[i].flag;
            return 0;
        }
    return err_set(e, EINVAL, "unknown flag \"%s\" in \"flags\"", s ? s : "");
}

/* SPEC_ALLOW where nothing is said: kernels before 5.16 otherwise slow down
 * every process that has a filter, as a guard against speculative store
 * bypass. An empty list is an answer: no flag. */
int filter_read_flags(const json_t *profile, unsigned int *ret, struct err *e)
{
    const json_t *names = json_object_get(profile, "flags");
    *ret = names == NULL || json_is_null(names) ? SECCOMP_FILTER_FLAG_SPEC_ALLOW
                                                : 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < json_array_size(names); i++)
        r = add_flag(json_array_get(names, i), ret, e);
    return r;
}
