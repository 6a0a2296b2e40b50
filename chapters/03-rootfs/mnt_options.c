/* Mount options: one table of words, and the list that is built from them. */
#include "mnt.h"

#include "mnt_tree.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* All a word can mean. The words are those of mount(8), and the "r..." ones of
 * the OCI runtime specification, which mean the whole tree. */
struct word {
    const char *name;
    unsigned long set, clear;         /* struct mnt, flags */
    unsigned long propagation;        /* struct mnt, propagation */
    unsigned long rec_set, rec_clear; /* struct mnt, the same */
};

#define TREE(bits) ((bits) | MS_REC)
/* mount_setattr(2) wants the whole time field cleared to set one of its
 * values; relatime is the value 0. */
#define TIMES(value) .rec_set = (value), .rec_clear = MOUNT_ATTR__ATIME

static const struct word words[] = {
    {"defaults",       .set = 0                           },
    {"ro",             .set = MS_RDONLY                   },
    {"rw",             .clear = MS_RDONLY                 },
    {"nosuid",         .set = MS_NOSUID                   },
    {"suid",           .clear = MS_NOSUID                 },
    {"nodev",          .set = MS_NODEV                    },
    {"dev",            .clear = MS_NODEV                  },
    {"noexec",         .set = MS_NOEXEC                   },
    {"exec",           .clear = MS_NOEXEC                 },
    {"sync",           .set = MS_SYNCHRONOUS              },
    {"async",          .clear = MS_SYNCHRONOUS            },
    {"dirsync",        .set = MS_DIRSYNC                  },
    {"remount",        .set = MS_REMOUNT                  },
    {"mand",           .set = MS_MANDLOCK                 },
    {"nomand",         .clear = MS_MANDLOCK               },
    {"noatime",        .set = MS_NOATIME                  },
    {"atime",          .clear = MS_NOATIME                },
    {"nodiratime",     .set = MS_NODIRATIME               },
    {"diratime",       .clear = MS_NODIRATIME             },
    {"relatime",       .set = MS_RELATIME                 },
    {"norelatime",     .clear = MS_RELATIME               },
    {"strictatime",    .set = MS_STRICTATIME              },
    {"nostrictatime",  .clear = MS_STRICTATIME            },
    {"lazytime",       .set = MS_LAZYTIME                 },
    {"nolazytime",     .clear = MS_LAZYTIME               },
    {"nosymfollow",    .set = MS_NOSYMFOLLOW              },
    {"symfollow",      .clear = MS_NOSYMFOLLOW            },
    {"iversion",       .set = MS_I_VERSION                },
    {"noiversion",     .clear = MS_I_VERSION              },
    {"silent",         .set = MS_SILENT                   },
    {"loud",           .clear = MS_SILENT                 },
    {"bind",           .set = MS_BIND                     },
    {"rbind",          .set = TREE(MS_BIND)               },
    {"private",        .propagation = MS_PRIVATE          },
    {"rprivate",       .propagation = TREE(MS_PRIVATE)    },
    {"shared",         .propagation = MS_SHARED           },
    {"rshared",        .propagation = TREE(MS_SHARED)     },
    {"slave",          .propagation = MS_SLAVE            },
    {"rslave",         .propagation = TREE(MS_SLAVE)      },
    {"unbindable",     .propagation = MS_UNBINDABLE       },
    {"runbindable",    .propagation = TREE(MS_UNBINDABLE) },
    {"rro",            .rec_set = MOUNT_ATTR_RDONLY       },
    {"rrw",            .rec_clear = MOUNT_ATTR_RDONLY     },
    {"rnosuid",        .rec_set = MOUNT_ATTR_NOSUID       },
    {"rsuid",          .rec_clear = MOUNT_ATTR_NOSUID     },
    {"rnodev",         .rec_set = MOUNT_ATTR_NODEV        },
    {"rdev",           .rec_clear = MOUNT_ATTR_NODEV      },
    {"rnoexec",        .rec_set = MOUNT_ATTR_NOEXEC       },
    {"rexec",          .rec_clear = MOUNT_ATTR_NOEXEC     },
    {"rnodiratime",    .rec_set = MOUNT_ATTR_NODIRATIME   },
    {"rdiratime",      .rec_clear = MOUNT_ATTR_NODIRATIME },
    {"rnosymfollow",   .rec_set = MOUNT_ATTR_NOSYMFOLLOW  },
    {"rsymfollow",     .rec_clear = MOUNT_ATTR_NOSYMFOLLOW},
    {"rnoatime",       TIMES(MOUNT_ATTR_NOATIME)          },
    {"rstrictatime",   TIMES(MOUNT_ATTR_STRICTATIME)      },
    {"rrelatime",      TIMES(MOUNT_ATTR_RELATIME)         },
    {"ratime",         TIMES(MOUNT_ATTR_RELATIME)         },
    {"rnorelatime",    TIMES(MOUNT_ATTR_RELATIME)         },
    {"rnostrictatime", TIMES(MOUNT_ATTR_RELATIME)         },
};

const char *mnt_option_name(size_t i)
{
    return i < sizeof words / sizeof *words ? words[i].name : NULL;
}

static const struct word *word_find(const char *name)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

/* The last word on a subject wins, as with mount(8). */
static void word_apply(struct mnt *mount, const struct word *word)
{
    mount->flags = (mount->flags & ~word->clear) | word->set;
    if (word->propagation != 0)
        mount->propagation = word->propagation;
    mount->rec_set = (mount->rec_set & ~word->rec_clear) | word->rec_set;
    mount->rec_clear |= word->rec_clear;
}

/*
 * Read "nosuid,size=64m,..." into `mount`: words we know become flags, and the
 * rest is kept for the file system to judge.
 * @lab 3.1 look each word up in the table; what is not there goes to data
 */
static int parse_options(struct mnt *mount, const char *options, struct err *e)
{
    auto_strv struct strv list = {0};
    auto_text struct text data = {0};
    strv_split(&list, options, ',');
    for (size_t i = 0; i < list.n; i++) {
        const char *name = list.v[i];
        const struct word *word = word_find(name);
        if (text_starts(name, "idmap=") || text_starts(name, "ridmap="))
            return err_set(e, ENOTSUP, "mount option %s is not supported",
                           name);
        if (strcmp(name, "tmpcopyup") == 0)
            mount->copy_up = true;
        else if (strcmp(name, "idmap") == 0 || strcmp(name, "ridmap") == 0)
            *(*name == 'r' ? &mount->mapped_below : &mount->mapped) = true;
        else if (word != NULL)
            word_apply(mount, word);
        else if (*name != '\0')
            text_addf(&data, "%s%s", data.len > 0 ? "," : "", name);
    }
    mount->data = text_take(&data);
    return 0;
}

char *mnt_tidy_path(const char *path)
{
    auto_strv struct strv parts = {0};
    auto_text struct text tidy = {0};
    strv_split(&parts, path, '/');
    size_t kept = 0;
    for (size_t i = 0; i < parts.n; i++) {
        char *part = parts.v[i];
        if (strcmp(part, "..") == 0) {
            kept -= kept > 0;
        } else if (*part != '\0' && strcmp(part, ".") != 0) {
            parts.v[i] = parts.v[kept];
            parts.v[kept++] = part;
        }
    }
    for (size_t i = 0; i < kept; i++)
        text_addf(&tidy, "/%s", parts.v[i]);
    return text_take(&tidy);
}

static void mnt_done(struct mnt *mount)
{
    free(mount->source);
    free(mount->target);
    free(mount->type);
    free(mount->data);
}

static struct mnt *find(const struct mnt_list *list, const char *target)
{
    for (size_t i = list->n; i > 0; i--)
        if (strcmp(list->v[i - 1].target, target) == 0)
            return &list->v[i - 1];
    return NULL;
}

bool mnt_is_change(const struct mnt *mount)
{
    return (mount->flags & MS_REMOUNT) != 0 ||
           ((mount->flags & MS_BIND) == 0 && strcmp(mount->type, "none") == 0);
}

/* In the old one's place, not at the end: a new /dev must still come before
 * /dev/pts. */
static void put(struct mnt_list *list, const struct mnt *mount)
{
    struct mnt *old = find(list, mount->target);
    if (old != NULL && !mnt_is_change(mount)) {
        mnt_done(old);
        *old = *mount;
        return;
    }
    list->v = own_grow(list->v, (list->n + 1) * sizeof *list->v);
    list->v[list->n++] = *mount;
}

/* waiver: parameters: mount(2)'s own five, and where to put them */
int mnt_list_add(struct mnt_list *list, const char *source, const char *target,
                 const char *type, const char *options, struct err *e)
{
    struct mnt mount = {
        .source = own_strdup(source != NULL ? source : "none"),
        .target = mnt_tidy_path(target),
        .type = own_strdup(type != NULL && *type != '\0' ? type : "none"),
    };
    int r = parse_options(&mount, options != NULL ? options : "", e);
    if (r == 0 && *mount.target == '\0')
        r = err_set(e, EINVAL, "a mount cannot replace the root itself");
    if (r < 0) {
        mnt_done(&mount);
        return err_add(e, "mount %s", target);
    }
    if (strcmp(mount.type, "bind") == 0)
        mount.flags |= MS_BIND;
    if (strcmp(mount.type, "rbind") == 0)
        mount.flags |= TREE(MS_BIND);
    if ((mount.mapped || mount.mapped_below) && (mount.flags & MS_BIND) == 0) {
        mnt_done(&mount);
        return err_set(e, EINVAL, "mount %s: only a bind can map ids", target);
    }
    put(list, &mount);
    return 0;
}

void mnt_list_remove(struct mnt_list *list, const char *target)
{
    auto_free char *path = mnt_tidy_path(target);
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->v[i].target, path) == 0)
            mnt_done(&list->v[i]);
        else
            list->v[kept++] = list->v[i];
    }
    list->n = kept;
}

void mnt_list_done(struct mnt_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        mnt_done(&list->v[i]);
    free(list->v);
    *list = (struct mnt_list){0};
}
