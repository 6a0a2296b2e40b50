/* Paths as docker cp reads them: cp.h, the part that opens nothing. */
#include "cp.h"

#include "own.h"
#include "path.h"
#include "text.h"

#include <string.h>

bool cp_says_current(const char *path)
{
    return strcmp(path, ".") == 0 || text_ends(path, "/.");
}

bool cp_asserts_directory(const char *path)
{
    return cp_says_current(path) || text_ends(path, "/");
}

void cp_split(const char *path, char **ret_dir, char **ret_base)
{
    auto_free char *clean = path_clean(path);
    if (cp_says_current(path)) {
        *ret_dir = own_take(&clean);
        *ret_base = own_strdup(".");
        return;
    }
    char *slash = strrchr(clean, '/');
    *ret_base = own_strdup(slash != NULL ? slash + 1 : clean);
    if (slash == NULL)
        *ret_dir = own_strdup(".");
    else
        *ret_dir = slash == clean
                       ? own_strdup("/")
                       : text_format("%.*s", (int)(slash - clean), clean);
    if ((*ret_base)[0] == '\0') { /* the root itself */
        own_free(ret_base);
        *ret_base = own_strdup(".");
    }
}
