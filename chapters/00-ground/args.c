/* The arguments of a call, spelt for a reader: by name, and flags by name. */
#include "watch.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* As much of a string as a line bears: a long path is known by its end. */
#define SHOWN_HEAD 24
#define SHOWN_TAIL 33

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
static const struct flag at_flags[] = {
    FLAG(AT_SYMLINK_NOFOLLOW),
    FLAG(AT_REMOVEDIR),
    FLAG(AT_EMPTY_PATH),
    FLAG(AT_RECURSIVE),
    {OPEN_TREE_CLONE, "OPEN_TREE_CLONE"},
    FLAG(O_CLOEXEC),
    {0,               NULL             },
};
static const struct flag wait_flags[] = {
    FLAG(WNOHANG), FLAG(WEXITED), {0, NULL}
};
static const struct flag lock_flags[] = {
    FLAG(LOCK_SH), FLAG(LOCK_EX), FLAG(LOCK_NB), FLAG(LOCK_UN), {0, NULL}
};
static const struct flag resolve_flags[] = {
    FLAG(RESOLVE_NO_XDEV),     FLAG(RESOLVE_NO_MAGICLINKS),
    FLAG(RESOLVE_NO_SYMLINKS), FLAG(RESOLVE_BENEATH),
    FLAG(RESOLVE_IN_ROOT),     {0, NULL},
};

/* Numbers of which an argument is one. */
static const struct flag wait_types[] = {
    FLAG(P_ALL), FLAG(P_PID), FLAG(P_PGID), {3, "P_PIDFD"},
       {0, NULL     }
};
static const struct flag prctl_options[] = {
    FLAG(PR_SET_PDEATHSIG),    FLAG(PR_SET_DUMPABLE),
    FLAG(PR_SET_KEEPCAPS),     FLAG(PR_SET_NAME),
    FLAG(PR_CAPBSET_READ),     FLAG(PR_CAPBSET_DROP),
    FLAG(PR_SET_NO_NEW_PRIVS), FLAG(PR_SET_CHILD_SUBREAPER),
    FLAG(PR_CAP_AMBIENT),      {0, NULL},
};
static const struct flag seccomp_operations[] = {
    FLAG(SECCOMP_SET_MODE_STRICT),
    FLAG(SECCOMP_SET_MODE_FILTER),
    FLAG(SECCOMP_GET_ACTION_AVAIL),
    FLAG(SECCOMP_GET_NOTIF_SIZES),
    {0, NULL}
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

static void add_choice(struct text *out, unsigned long value,
                       const struct flag *names)
{
    while (names->name != NULL && names->bit != value)
        names++;
    if (names->name != NULL)
        text_add(out, names->name);
    else
        text_addf(out, "%lu", value);
}

/* Does a character of UTF-8 go on at this byte? */
static bool goes_on(char byte)
{
    return ((unsigned char)byte >> 6) == 2;
}

/* An argument in quotes, its middle left out where it is long. Characters stay
 * whole. */
static void add_shown(struct text *out, const char *s, size_t len)
{
    if (len <= SHOWN_HEAD + SHOWN_TAIL + 3) {
        quote_add(out, s, len);
        return;
    }
    size_t head = SHOWN_HEAD, tail = len - SHOWN_TAIL;
    while (head > 0 && goes_on(s[head]))
        head--;
    while (tail < len && goes_on(s[tail]))
        tail++;
    auto_text struct text shown = {0};
    text_addn(&shown, s, head);
    text_add(&shown, "...");
    text_addn(&shown, s + tail, len - tail);
    quote_add(out, shown.s, shown.len);
}

/* One function per kind of argument; `next` is the argument after it. */
static void add_string(struct text *out, long value, long next)
{
    (void)next;
    const char *s = (const char *)value;
    if (s == NULL)
        text_add(out, "null");
    else
        add_shown(out, s, strlen(s));
}

static void add_bytes(struct text *out, long value, long next)
{
    add_shown(out, (const char *)value, (size_t)next);
}

static void add_argv(struct text *out, long value, long next)
{
    (void)next;
    /* One string, so that it is valid JSON too. */
    auto_text struct text line = {0};
    text_add(&line, "");
    char *const *argv = (char *const *)value;
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
        text_addf(&line, "%s%s", i > 0 ? " " : "", argv[i]);
    add_shown(out, line.s, line.len);
}

static void add_number(struct text *out, long value, long next)
{
    (void)next;
    text_addf(out, "%d", (int)value);
}

static void add_hexadecimal(struct text *out, long value, long next)
{
    (void)next;
    text_addf(out, "%#lx", (unsigned long)value);
}

static void add_mode(struct text *out, long value, long next)
{
    (void)next;
    text_addf(out, "%#lo", (unsigned long)value & 0177777);
}

static void add_device(struct text *out, long value, long next)
{
    (void)next;
    text_addf(out, "%u:%u", major((dev_t)value), minor((dev_t)value));
}

static void add_directory(struct text *out, long value, long next)
{
    if ((int)value == AT_FDCWD)
        text_add(out, "AT_FDCWD");
    else
        add_number(out, value, next);
}

static void add_clone_args(struct text *out, long value, long next)
{
    (void)next;
    add_flags(out, ((const struct clone_args *)value)->flags, clone_flags);
}

static void add_open_how(struct text *out, long value, long next)
{
    (void)next;
    const struct open_how *how = (const struct open_how *)value;
    add_flags(out, how->flags, open_flags);
    text_add(out, " ");
    add_flags(out, how->resolve, resolve_flags);
}

/* The kinds of door.h. A kind is a function, a set of flags, or one of several
 * numbers. */
static const struct kind {
    char letter;
    bool quoted; /* must JSON put it in quotes? */
    void (*add)(struct text *out, long value, long next);
    const struct flag *flags, *choices;
} kinds[] = {
    {'s', false, add_string,      NULL,         NULL              },
    {'b', false, add_bytes,       NULL,         NULL              },
    {'v', false, add_argv,        NULL,         NULL              },
    {'d', false, add_number,      NULL,         NULL              },
    {'S', false, add_number,      NULL,         NULL              },
    {'@', true,  add_directory,   NULL,         NULL              },
    {'o', true,  add_mode,        NULL,         NULL              },
    {'D', true,  add_device,      NULL,         NULL              },
    {'C', true,  add_clone_args,  NULL,         NULL              },
    {'H', true,  add_open_how,    NULL,         NULL              },
    {'M', true,  NULL,            mount_flags,  NULL              },
    {'U', true,  NULL,            umount_flags, NULL              },
    {'N', true,  NULL,            clone_flags,  NULL              },
    {'O', true,  NULL,            open_flags,   NULL              },
    {'A', true,  NULL,            at_flags,     NULL              },
    {'W', true,  NULL,            wait_flags,   NULL              },
    {'L', true,  NULL,            lock_flags,   NULL              },
    {'w', true,  NULL,            NULL,         wait_types        },
    {'P', true,  NULL,            NULL,         prctl_options     },
    {'q', true,  NULL,            NULL,         seccomp_operations},
    {'x', true,  add_hexadecimal, NULL,         NULL              },
    {'p', true,  add_hexadecimal, NULL,         NULL              },
};

static const struct kind *kind_of(char letter)
{
    size_t i = 0;
    while (i + 1 < sizeof kinds / sizeof kinds[0] && kinds[i].letter != letter)
        i++;
    return &kinds[i];
}

static void add_value(struct text *out, const struct kind *kind, long value,
                      long next)
{
    if (kind->add != NULL)
        kind->add(out, value, next);
    else if (kind->choices != NULL)
        add_choice(out, (unsigned int)value, kind->choices);
    else
        add_flags(out, (unsigned long)value, kind->flags);
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
        const struct kind *kind = kind_of(equals[1]);
        text_add(out, kind->quoted ? quote : "");
        add_value(out, kind, ev->args[i], i < 5 ? ev->args[i + 1] : 0);
        text_add(out, kind->quoted ? quote : "");
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
