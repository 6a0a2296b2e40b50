/* The arguments of a call, spelt for a reader: by name, and flags by name. */
#include "watch.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#define SHOWN_BYTES 60 /* of a string or buffer; the rest is "..." */

struct flag {
    unsigned long bit;
    const char *name;
};
#define FLAG(f)                                                                \
    {                                                                          \
        (unsigned long)(f), #f                                                 \
    }

static const struct flag mount_flags[] = {
    FLAG(MS_RDONLY),     FLAG(MS_NOSUID),      FLAG(MS_NODEV),
    FLAG(MS_NOEXEC),     FLAG(MS_SYNCHRONOUS), FLAG(MS_REMOUNT),
    FLAG(MS_MANDLOCK),   FLAG(MS_DIRSYNC),     FLAG(MS_NOATIME),
    FLAG(MS_NODIRATIME), FLAG(MS_BIND),        FLAG(MS_MOVE),
    FLAG(MS_REC),        FLAG(MS_SILENT),      FLAG(MS_UNBINDABLE),
    FLAG(MS_PRIVATE),    FLAG(MS_SLAVE),       FLAG(MS_SHARED),
    FLAG(MS_RELATIME),   FLAG(MS_STRICTATIME), {0, NULL},
};
static const struct flag umount_flags[] = {
    FLAG(MNT_FORCE), FLAG(MNT_DETACH), FLAG(UMOUNT_NOFOLLOW), {0, NULL}
};
static const struct flag clone_flags[] = {
    FLAG(CLONE_NEWNS),
    FLAG(CLONE_NEWCGROUP),
    FLAG(CLONE_NEWUTS),
    FLAG(CLONE_NEWIPC),
    FLAG(CLONE_NEWUSER),
    FLAG(CLONE_NEWPID),
    FLAG(CLONE_NEWNET),
    FLAG(CLONE_NEWTIME),
    FLAG(CLONE_PIDFD),
    FLAG(CLONE_VM),
    FLAG(CLONE_VFORK),
    FLAG(CLONE_PARENT),
    {0x200000000ul, "CLONE_INTO_CGROUP"},
    {0,             NULL               },
};
static const struct flag open_flags[] = {
    FLAG(O_WRONLY),    FLAG(O_RDWR),     FLAG(O_CREAT),   FLAG(O_EXCL),
    FLAG(O_TRUNC),     FLAG(O_APPEND),   FLAG(O_NOCTTY),  FLAG(O_NONBLOCK),
    FLAG(O_DIRECTORY), FLAG(O_NOFOLLOW), FLAG(O_CLOEXEC), FLAG(O_PATH),
    {0, NULL},
};
static const struct flag resolve_flags[] = {
    FLAG(RESOLVE_NO_XDEV),     FLAG(RESOLVE_NO_MAGICLINKS),
    FLAG(RESOLVE_NO_SYMLINKS), FLAG(RESOLVE_BENEATH),
    FLAG(RESOLVE_IN_ROOT),     {0, NULL},
};

static void add_flags(struct text *out, unsigned long bits,
                      const struct flag *names)
{
    size_t before = out->len;
    for (; names->name != NULL; names++) {
        if ((bits & names->bit) == 0)
            continue;
        text_addf(out, "%s%s", out->len > before ? "|" : "", names->name);
        bits &= ~names->bit;
    }
    if (bits != 0 || out->len == before)
        text_addf(out, "%s%#lx", out->len > before ? "|" : "", bits);
}

void args_add_quoted(struct text *out, const char *s, size_t len)
{
    text_add(out, "\"");
    for (size_t i = 0; i < len && i < SHOWN_BYTES; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c < ' ' || c >= 0x7f)
            text_addf(out, "\\u%04x", c);
        else
            text_addn(out, &s[i], 1);
    }
    text_add(out, len > SHOWN_BYTES ? "...\"" : "\"");
}

static void add_argv(struct text *out, char *const *argv)
{
    /* One string, so that it is valid JSON too. */
    auto_text struct text line = {0};
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
        text_addf(&line, "%s%s", i > 0 ? " " : "", argv[i]);
    args_add_quoted(out, line.s != NULL ? line.s : "", line.len);
}

/* The value of one argument. Numbers stand bare; with `quote`, everything
 * else is put in quotes, as JSON wants it. `next` is the argument after. */
static void add_value(struct text *out, char kind, long value, long next,
                      const char *quote)
{
    const char *string = (const char *)value;
    switch (kind) {
    case 's':
        if (string == NULL)
            text_add(out, "null");
        else
            args_add_quoted(out, string, strlen(string));
        return;
    case 'b':
        args_add_quoted(out, string, (size_t)next);
        return;
    case 'v':
        add_argv(out, (char *const *)value);
        return;
    case 'd':
    case 'S':
        text_addf(out, "%d", (int)value);
        return;
    case '@':
        if ((int)value != AT_FDCWD) {
            text_addf(out, "%d", (int)value);
            return;
        }
        text_addf(out, "%sAT_FDCWD%s", quote, quote);
        return;
    default:
        break;
    }
    text_add(out, quote);
    if (kind == 'o')
        text_addf(out, "0%lo", (unsigned long)value & 0177777);
    else if (kind == 'D')
        text_addf(out, "%u:%u", major((dev_t)value), minor((dev_t)value));
    else if (kind == 'M')
        add_flags(out, (unsigned long)value, mount_flags);
    else if (kind == 'U')
        add_flags(out, (unsigned long)value, umount_flags);
    else if (kind == 'N')
        add_flags(out, (unsigned long)value, clone_flags);
    else if (kind == 'C')
        add_flags(out, ((const struct clone_args *)value)->flags, clone_flags);
    else if (kind == 'O')
        add_flags(out, (unsigned long)value, open_flags);
    else if (kind == 'H') {
        const struct open_how *how = (const struct open_how *)value;
        add_flags(out, how->flags, open_flags);
        text_add(out, " ");
        add_flags(out, how->resolve, resolve_flags);
    } else
        text_addf(out, "%#lx", (unsigned long)value);
    text_add(out, quote);
}

/* Walk "source=s target=s ...": `form` puts a name before each value. */
static void add_args(struct text *out, const struct watch_event *ev,
                     const char *form, const char *quote)
{
    const char *word = ev->call->args;
    for (size_t i = 0; i < 6 && *word != '\0'; i++) {
        const char *equals = strchr(word, '=');
        if (i > 0)
            text_add(out, ", ");
        text_addf(out, form, (int)(equals - word), word);
        add_value(out, equals[1], ev->args[i], i < 5 ? ev->args[i + 1] : 0,
                  quote);
        word = equals + 2;
        while (*word == ' ')
            word++;
    }
}

void args_add_text(struct text *out, const struct watch_event *ev)
{
    add_args(out, ev, "%.*s=", "");
}

void args_add_json(struct text *out, const struct watch_event *ev)
{
    text_add(out, "{");
    add_args(out, ev, "\"%.*s\": ", "\"");
    text_add(out, "}");
}
