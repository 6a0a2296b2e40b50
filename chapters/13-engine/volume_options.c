/*
 * Second reading: volumes that are no plain directory. `-o type=tmpfs`,
 * `-o type=none,device=/srv,o=bind`: what Docker's `local` driver gives to
 * mount(2). It mounts on the host, once for all containers. Here each container
 * mounts it itself, in its own mount namespace.
 */
#include "volume.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* An option, and what is missing where it stands alone. */
static const struct {
    const char *name, *needs[2];
} known[] = {
    {"type",   {"device", NULL}  },
    {"device", {"type", NULL}    },
    {"o",      {"device", "type"}},
    {"size",   {NULL, NULL}      },
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* These reach a server through the network, and a container's is its own. */
static const char *const remote[] = {"nfs", "nfs4", "cifs", "smb3", "9p"};

static int check_type(const char *type, struct err *e)
{
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++)
        if (strcmp(type, remote[i]) == 0)
            return err_set(e, ENOSYS, "volumes of type %s are not built yet",
                           type);
    return 0;
}

static int check_needs(const json_t *options, size_t k, struct err *e)
{
    for (size_t n = 0; n < 2 && known[k].needs[n] != NULL; n++)
        if (json_object_get(options, known[k].needs[n]) == NULL)
            return err_set(e, EINVAL, "missing required option: \"%s\"",
                           known[k].needs[n]);
    return 0;
}

int volume_check_options(const json_t *options, struct err *e)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)options, key, value)
    {
        size_t k = 0;
        while (k < KNOWN && strcmp(known[k].name, key) != 0)
            k++;
        if (k == KNOWN)
            return err_set(e, EINVAL, "invalid option: \"%s\"", key);
    }
    if (json_object_get(options, "size") != NULL)
        return err_set(e, ENOTSUP, "quota size requested but no quota support");
    for (size_t k = 0; k < KNOWN; k++) {
        int r = json_object_get(options, known[k].name) == NULL
                    ? 0
                    : check_needs(options, k, e);
        if (r < 0)
            return r;
    }
    const char *type = field_string(options, "type");
    return type != NULL ? check_type(type, e) : 0;
}

static bool has_word(const char *words, const char *word)
{
    auto_strv struct strv list = {0};
    strv_split(&list, words, ',');
    for (size_t i = 0; i < list.n; i++)
        if (strcmp(list.v[i], word) == 0)
            return true;
    return false;
}

bool volume_get_device(const json_t *volume, struct volume_device *ret)
{
    const char *type = field_string(volume, "Options.type");
    const char *device = field_string(volume, "Options.device");
    const char *words = field_string(volume, "Options.o");
    if (type == NULL || device == NULL)
        return false;
    ret->type = type;
    ret->device = device;
    ret->words = words != NULL ? words : "";
    ret->is_bind =
        has_word(ret->words, "bind") || has_word(ret->words, "rbind");
    return true;
}
