/* Volumes: making and finding them. See volume.h. */
#include "volume.h"

#include "events.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "state.h"
#include "sys.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT "volume.json"

char *volume_path(const struct engine *engine, const char *name)
{
    return text_format("%s/volumes/%s/_data", engine->root, name);
}

int volume_open_dir(int parent, const char *name)
{
    return sys_openat(parent, name,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

int volume_open(const struct engine *engine, const char *name, struct err *e)
{
    auto_free char *path = text_format("volumes/%s", name);
    int fd = strlen(name) > NAME_MAX ? -ENOENT
                                     : volume_open_dir(engine->rootfd, path);
    if (fd == -ENOENT)
        return err_set(e, ENOENT, "get %.64s: no such volume", name);
    return fd < 0 ? err_sys(e, fd, "volume %s", name) : fd;
}

int volume_open_data(int volume, const char *name, struct err *e)
{
    int fd = volume_open_dir(volume, "_data");
    return fd < 0 ? err_sys(e, fd, "volume %s: _data", name) : fd;
}

/* --- requests ------------------------------------------------------------- */

/* What it refuses is no name of a file that could lead anywhere, either. */
static int check_name(const char *name, struct err *e)
{
    bool good = isalnum((unsigned char)name[0]);
    for (const char *s = name; *s != '\0'; s++)
        good &= isalnum((unsigned char)*s) || strchr("_.-", *s) != NULL;
    if (strlen(name) == 1)
        return err_set(e, EINVAL,
                       "create %s: volume name is too short, names should be "
                       "at least two alphanumeric characters",
                       name);
    if (strlen(name) > NAME_MAX)
        return err_sys(e, ENAMETOOLONG, "create %.32s...", name);
    if (!good)
        return err_set(e, EINVAL,
                       "create %.32s: \"%.32s\" includes invalid characters "
                       "for a local volume name, only "
                       "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you "
                       "intended to pass a host directory, use absolute path",
                       name, name);
    return 0;
}

static const char *name_of(const json_t *request)
{
    const char *name = field_string(request, "Name");
    return name != NULL && name[0] != '\0' ? name : NULL;
}

int volume_check(const json_t *request, struct err *e)
{
    const char *name = name_of(request);
    const char *driver = field_string(request, "Driver");
    const char *shown = name != NULL ? name : "volume";
    if (driver != NULL && driver[0] != '\0' && strcmp(driver, "local") != 0)
        return err_set(e, ENOENT,
                       "create %.64s: error looking up volume plugin %.64s: "
                       "plugin \"%.64s\" not found",
                       shown, driver, driver);
    int r = name != NULL ? check_name(name, e) : 0;
    if (r < 0)
        return r;
    r = volume_check_options(json_object_get(request, "DriverOpts"), e);
    return r < 0 ? err_add(e, "create %s", shown) : 0;
}

/* To the second, as Docker tells it of volumes. */
static json_t *now(void)
{
    json_t *exact = state_now();
    json_t *ret = json_sprintf("%.19sZ", json_string_value(exact));
    json_decref(exact);
    return ret;
}

/* An object, or null where there is nothing in it, as Docker has it. */
static json_t *object_or_null(const json_t *object)
{
    return json_object_size(object) > 0 ? json_deep_copy(object) : json_null();
}

static json_t *make_document(const json_t *request, const char *name)
{
    json_t *labels = object_or_null(json_object_get(request, "Labels"));
    if (name_of(request) == NULL) {
        if (!json_is_object(labels))
            labels = json_object();
        json_object_set_new(labels, VOLUME_ANONYMOUS, json_string(""));
    }
    return json_pack("{s:o, s:s, s:o, s:s, s:o, s:s}", "CreatedAt", now(),
                     "Driver", "local", "Labels", labels, "Name", name,
                     "Options",
                     object_or_null(json_object_get(request, "DriverOpts")),
                     "Scope", "local");
}

/* --- on disk -------------------------------------------------------------- */

/* Where volumes lie, made when the first is: state roots may be older. */
static int open_all(const struct engine *engine, struct err *e)
{
    int r = sys_mkdirat(engine->rootfd, "volumes", 0711);
    int fd =
        r < 0 && r != -EEXIST ? r : volume_open_dir(engine->rootfd, "volumes");
    return fd < 0 ? err_sys(e, fd, "open %s/volumes", engine->root) : fd;
}

int volume_entries(int dir, bool (*is_wanted)(const char *name),
                   struct strv *ret)
{
    int fd = volume_open_dir(dir, ".");
    auto_dir DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL)
        return fd < 0 ? fd : -errno;
    struct dirent *entry;
    while ((entry = readdir(entries)) != NULL)
        if (is_wanted(entry->d_name))
            strv_add(ret, entry->d_name);
    return 0;
}

static bool is_remains(const char *name)
{
    return strcmp(name, ".new") == 0 || text_starts(name, ".gone-");
}

/* What a killed maker or remover left. What cannot be removed now disturbs
 * nobody: a name that begins with a dot is no volume's. */
static void clear_remains(int volumes)
{
    auto_strv struct strv names = {0};
    volume_entries(volumes, is_remains, &names);
    for (size_t i = 0; i < names.n; i++)
        files_remove_tree(volumes, names.v[i], NULL);
}

int volume_lock(struct engine *engine, struct err *e)
{
    int r = engine_enter(engine, e);
    auto_fd int volumes = r < 0 ? r : open_all(engine, e);
    if (volumes < 0)
        return volumes;
    auto_fd int lock = files_lock(volumes, ".lock", 0, e);
    if (lock < 0)
        return lock;
    clear_remains(volumes);
    return fd_take(&lock);
}

/* Whole, before it gets its name. */
static int make_new(int volumes, const json_t *doc, struct err *e)
{
    auto_free char *json = json_dumps(doc, JSON_INDENT(4));
    static const struct {
        const char *name;
        mode_t mode;
    } dirs[] = {
        {".new",       0711},
        {".new/_data", 0755}
    };
    for (size_t i = 0; i < 2; i++) {
        int r = sys_mkdirat(volumes, dirs[i].name, dirs[i].mode);
        if (r == 0) /* whatever the umask is */
            r = sys_fchmodat(volumes, dirs[i].name, dirs[i].mode);
        if (r < 0)
            return err_sys(e, r, "mkdir volumes/%s", dirs[i].name);
    }
    return files_replace(volumes, ".new/" DOCUMENT, json, strlen(json),
                         FILES_DURABLE, e);
}

/* @lab 13.4 open_all, make_new, then its name: renameat2(2) of .new, never over
 * another, and fsync(2) of the directory; what failed leaves no .new */
static int make(const struct engine *engine, const char *name,
                const json_t *doc, struct err *e)
{
    auto_fd int volumes = open_all(engine, e);
    if (volumes < 0)
        return volumes;
    int r = make_new(volumes, doc, e);
    if (r == 0) {
        r = sys_renameat2(volumes, ".new", volumes, name, RENAME_NOREPLACE);
        if (r == 0)
            r = sys_fsync(volumes);
        if (r < 0)
            err_sys(e, r, "volumes/%s", name);
    }
    if (r < 0)
        files_remove_tree(volumes, ".new", NULL);
    return r < 0 ? err_add(e, "create %s", name) : 0;
}

int volume_create(struct engine *engine, const json_t *request, json_t **ret,
                  struct err *e)
{
    json_t *found = NULL;
    int r = volume_check(request, e);
    auto_fd int lock = r < 0 ? r : volume_lock(engine, e);
    if (lock < 0)
        return lock;
    char id[RECORD_ID_LEN + 1];
    const char *name = name_of(request);
    if (name == NULL) {
        record_new_id(id);
        name = id;
    }
    r = volume_load(engine, name, &found, e);
    if (r == -ENOENT) {
        found = make_document(request, name);
        r = make(engine, name, found, e);
        if (r == 0)
            events_of_volume(engine, name, "create", NULL);
    }
    if (r == 0 && ret != NULL)
        *ret = json_incref(found);
    json_decref(found);
    return r;
}

int volume_load(const struct engine *engine, const char *name, json_t **ret,
                struct err *e)
{
    auto_fd int dir =
        check_name(name, NULL) < 0
            ? err_set(e, ENOENT, "get %.64s: no such volume", name)
            : volume_open(engine, name, e);
    if (dir < 0)
        return dir;
    auto_text struct text json = {0};
    int r = files_read(dir, DOCUMENT, &json, e);
    if (r < 0)
        return err_add(e, "volume %s", name);
    json_error_t why;
    json_t *doc = json_loadb(json.s, json.len, 0, &why);
    if (!json_is_object(doc)) {
        json_decref(doc);
        return err_set(e, EINVAL, "volume %s: damaged record: %s", name,
                       doc == NULL ? why.text : "it is no object");
    }
    auto_free char *path = volume_path(engine, name);
    json_t *labels = json_object_get(doc, "Labels");
    json_t *options = json_object_get(doc, "Options");
    const char *created = field_string(doc, "CreatedAt");
    *ret = json_pack("{s:s, s:s, s:O?, s:s, s:s, s:O?, s:s}", "CreatedAt",
                     created != NULL ? created : "", "Driver", "local",
                     "Labels", labels, "Mountpoint", path, "Name", name,
                     "Options", options, "Scope", "local");
    json_decref(doc);
    return 0;
}

static bool is_name(const char *name)
{
    return name[0] != '.';
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int volume_names(const struct engine *engine, struct strv *ret, struct err *e)
{
    auto_fd int volumes = volume_open_dir(engine->rootfd, "volumes");
    if (volumes == -ENOENT)
        return 0;
    int r = volumes < 0 ? volumes : volume_entries(volumes, is_name, ret);
    if (r == 0 && ret->n > 0)
        qsort(ret->v, ret->n, sizeof *ret->v, compare);
    return r < 0 ? err_sys(e, r, "open %s/volumes", engine->root) : 0;
}

bool engine_volume_is_anonymous(const json_t *volume)
{
    return json_object_get(json_object_get(volume, "Labels"),
                           VOLUME_ANONYMOUS) != NULL;
}
