#include "platform.h"

#include "store.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Other names of processors, and what a processor's variant is where none is
 * said. */
static const struct {
    const char *name, *architecture, *variant;
} known[] = {
    {"amd64",    "amd64",    ""  },
    {"x86_64",   "amd64",    ""  },
    {"x86-64",   "amd64",    ""  },
    {"arm64",    "arm64",    "v8"},
    {"aarch64",  "arm64",    "v8"},
    {"arm",      "arm",      "v7"},
    {"armhf",    "arm",      "v7"},
    {"armel",    "arm",      "v6"},
    {"386",      "386",      ""  },
    {"i386",     "386",      ""  },
    {"riscv64",  "riscv64",  ""  },
    {"ppc64le",  "ppc64le",  ""  },
    {"s390x",    "s390x",    ""  },
    {"mips64le", "mips64le", ""  },
    {"loong64",  "loong64",  ""  },
};

static bool set_architecture(struct platform *platform, const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        snprintf(platform->architecture, sizeof platform->architecture, "%s",
                 known[i].architecture);
        snprintf(platform->variant, sizeof platform->variant, "%s",
                 known[i].variant);
        return true;
    }
    return false;
}

static bool is_os(const char *name)
{
    static const char *const names[] = {"linux", "windows", "darwin",
                                        "freebsd"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_word(const char *s)
{
    size_t len = strlen(s);
    return len > 0 && len < sizeof((struct platform *)0)->os &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == len;
}

int platform_parse(const char *text, struct platform *ret, struct err *e)
{
    auto_strv struct strv words = {0};
    strv_split(&words, text, '/');
    platform_host(ret);
    bool is_good = words.n >= 1 && words.n <= 3;
    for (size_t i = 0; i < words.n; i++)
        is_good &= is_word(words.v[i]);
    if (!is_good)
        return err_set(e, EINVAL,
                       "\"%s\": cannot parse platform specifier: invalid "
                       "argument",
                       text);
    if (words.n == 1 && set_architecture(ret, words.v[0]))
        return 0;
    if (words.n == 1 && !is_os(words.v[0]))
        return err_set(e, EINVAL,
                       "\"%s\": unknown operating system or architecture: "
                       "invalid argument",
                       text);
    snprintf(ret->os, sizeof ret->os, "%s", words.v[0]);
    if (words.n > 1 && !set_architecture(ret, words.v[1])) {
        snprintf(ret->architecture, sizeof ret->architecture, "%s", words.v[1]);
        ret->variant[0] = '\0';
    }
    if (words.n > 2)
        snprintf(ret->variant, sizeof ret->variant, "%s", words.v[2]);
    return 0;
}

void platform_host(struct platform *ret)
{
    *ret = (struct platform){.os = "linux"};
    const char *name = store_architecture();
    if (!set_architecture(ret, name))
        snprintf(ret->architecture, sizeof ret->architecture, "%s", name);
}

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

int platform_rank(const struct platform *wanted, const json_t *object)
{
    struct platform has = {.os = ""};
    const char *variant = member(object, "variant");
    if (!set_architecture(&has, member(object, "architecture")))
        snprintf(has.architecture, sizeof has.architecture, "%s",
                 member(object, "architecture"));
    if (variant[0] != '\0')
        snprintf(has.variant, sizeof has.variant, "%s", variant);
    if (strcmp(wanted->os, member(object, "os")) != 0 ||
        strcmp(wanted->architecture, has.architecture) != 0)
        return 0;
    if (strcmp(wanted->variant, has.variant) == 0)
        return 10;
    /* arm: an older variant's programs run, a newer one's do not. */
    if (wanted->variant[0] == 'v' && has.variant[0] == 'v' &&
        has.variant[1] < wanted->variant[1])
        return has.variant[1] - '0' < 1 ? 1 : has.variant[1] - '0';
    return has.variant[0] == '\0' ? 1 : 0;
}

int platform_check(const json_t *config, const char *name, const char *text,
                   struct err *e)
{
    struct platform wanted, has = {.os = ""};
    int r = text == NULL ? 0 : platform_parse(text, &wanted, e);
    if (r < 0)
        return err_add(e, "invalid platform");
    if (text == NULL || platform_rank(&wanted, config) > 0)
        return 0;
    snprintf(has.os, sizeof has.os, "%s", member(config, "os"));
    snprintf(has.architecture, sizeof has.architecture, "%s",
             member(config, "architecture"));
    snprintf(has.variant, sizeof has.variant, "%s", member(config, "variant"));
    return err_set(e, ENOENT,
                   "image with reference %s was found but its platform (%s) "
                   "does not match the specified platform (%s)",
                   name, platform_show(&has).s, platform_show(&wanted).s);
}

struct platform_text platform_show(const struct platform *platform)
{
    struct platform_text text;
    bool is_usual = platform->variant[0] == '\0' ||
                    (strcmp(platform->architecture, "arm64") == 0 &&
                     strcmp(platform->variant, "v8") == 0);
    snprintf(text.s, sizeof text.s, "%s/%s%s%s", platform->os,
             platform->architecture, is_usual ? "" : "/",
             is_usual ? "" : platform->variant);
    return text;
}
