/* Where things lie. See place.h. */
#include "place.h"

#include "own.h"
#include "rootless.h"
#include "shield.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of these that applies. */
char *place_root(const char *root)
{
    if (root == NULL || root[0] == '\0')
        root = getenv("MINI_DOCKER_ROOT");
    if (root != NULL && root[0] == '/')
        return own_strdup(root);
    if (root != NULL && root[0] != '\0') {
        auto_free char *here = getcwd(NULL, 0);
        return text_format("%s/%s", here != NULL ? here : "", root);
    }
    if (geteuid() == 0)
        return own_strdup("/var/lib/mini-docker");
    auto_free char *data = rootless_data_dir();
    return text_format("%s/mini-docker", data);
}

/* Each state root has a run directory of its own, so that two roots never see
 * each other's containers: its name is a hash (FNV-1a) of the root's path. */
char *place_run(const char *root)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = root; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    auto_free char *base =
        geteuid() == 0 ? own_strdup("/run") : rootless_run_dir();
    return text_format("%s/mini-docker/%016llx", base,
                       (unsigned long long)hash);
}

/* What runs beside us lies beside our own program or in libexec. */
char *place_helper(const char *name)
{
    static const char *const places[] = {"", "../libexec/mini-docker/"};
    auto_free char *self = shield_program();
    char *slash = self != NULL ? strrchr(self, '/') : NULL;
    if (slash == NULL)
        return NULL;
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        auto_free char *path = text_format("%s%s%s", self, places[i], name);
        if (access(path, X_OK) == 0)
            return own_take(&path);
    }
    return NULL;
}

/* What is made later lies in the file system that this lies in. */
char *place_existing(const char *path)
{
    auto_free char *at = own_strdup(path);
    while (access(at, F_OK) < 0) {
        char *slash = strrchr(at, '/');
        if (slash == NULL || slash == at)
            return own_strdup("/");
        *slash = '\0';
    }
    return own_take(&at);
}
