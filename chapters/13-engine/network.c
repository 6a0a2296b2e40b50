/* Networks: making and finding them. See network.h. */
#include "network.h"

#include "events.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "volume.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".json"

/* Docker's own three are made anew with each start of the machine, in memory;
 * the others are kept on disk. */
static int open_place(const struct engine *engine, bool predefined,
                      struct err *e)
{
    int fd = sys_openat(predefined ? engine->runfd : engine->rootfd, "networks",
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open %s/networks",
                            predefined ? engine->run : engine->root)
                  : fd;
}

static int open_for(const struct engine *engine, const char *name,
                    struct err *e)
{
    return open_place(engine, engine_network_is_predefined(name), e);
}

/* --- reading -------------------------------------------------------------- */

/* A name is also the name of a file: nothing else is looked for. */
static bool is_file_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
           strlen(name) <= NAME_MAX - strlen(SUFFIX);
}

static int read_one(int all, const char *name, json_t **ret, struct err *e)
{
    auto_free char *file = text_format("%s" SUFFIX, name);
    auto_text struct text json = {0};
    int r = is_file_name(name) ? files_read(all, file, &json, e) : -ENOENT;
    if (r < 0)
        return r;
    json_error_t why;
    json_t *doc = json_loadb(json.s, json.len, 0, &why);
    bool good = field_string(doc, "Id") != NULL &&
                field_string(doc, "Name") != NULL &&
                field_string(doc, "Driver") != NULL;
    if (!good) {
        json_decref(doc);
        return err_set(e, EBADMSG, "network %s: damaged record: %s", name,
                       doc == NULL ? why.text : "it names no network");
    }
    *ret = doc;
    return 0;
}

/* As Docker lists them: n9 before n10. */
static int compare(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int list_all(int all, struct strv *ret)
{
    int fd = sys_openat(all, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return fd < 0 ? fd : -errno;
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] != '.' && text_ends(entry->d_name, SUFFIX))
            strv_addf(ret, "%.*s", (int)(len - strlen(SUFFIX)), entry->d_name);
    }
    return 0;
}

/* --- writing -------------------------------------------------------------- */

static int save(const struct engine *engine, const json_t *doc, struct err *e)
{
    const char *name = field_string(doc, "Name");
    bool predefined = engine_network_is_predefined(name);
    auto_fd int dir = open_place(engine, predefined, e);
    auto_free char *json = json_dumps(doc, JSON_INDENT(4));
    auto_free char *file = text_format("%s" SUFFIX, name);
    return dir < 0 ? dir
                   : files_replace(dir, file, json, strlen(json),
                                   predefined ? 0 : FILES_DURABLE, e);
}

/* The bridge of the one state root that most machines have gets a name that
 * people recognize; another root's must not be the same. */
static json_t *options_of_bridge(const struct engine *engine)
{
    json_t *options = json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", NETWORK_OPTION "default_bridge", "true",
        NETWORK_OPTION "enable_icc", "true",
        NETWORK_OPTION "enable_ip_masquerade", "true",
        NETWORK_OPTION "host_binding_ipv4", "0.0.0.0", NETWORK_MTU, "1500");
    if (strcmp(engine->root, "/var/lib/mini-docker") == 0)
        json_object_set_new(options, NETWORK_OPTION "name",
                            json_string("mini-docker0"));
    return options;
}

/* The three that are always there. */
static int make_predefined(struct engine *engine, struct err *e)
{
    static const struct {
        const char *name, *driver;
    } networks[] = {
        {"host",   "host"  },
        {"none",   "null"  },
        {"bridge", "bridge"}, /* the last: all are there if it is */
    };
    auto_ip_nets struct ip_nets taken = {0};
    int r = network_taken(engine, &taken, e);
    for (size_t i = 0; i < 3 && r == 0; i++) {
        json_t *doc = NULL;
        json_auto_t *request = json_pack("{s:s, s:s}", "Name", networks[i].name,
                                         "Driver", networks[i].driver);
        if (i == 2)
            json_object_set_new(request, "Options", options_of_bridge(engine));
        r = network_make_document(request, &taken, &doc, e);
        if (r == 0) /* as Docker's */
            json_object_set_new(json_object_get(doc, "IPAM"), "Options",
                                json_null());
        if (r == 0)
            r = save(engine, doc, e);
        json_decref(doc);
    }
    return r;
}

/* Documents of which somebody was killed who wrote them, and networks without a
 * document. */
static void clear_remains(struct engine *engine)
{
    auto_strv struct strv names = {0}, ids = {0};
    auto_fd int passing = open_place(engine, true, NULL);
    files_remove_beginnings(engine->rootfd, "networks");
    if (passing < 0 || volume_entries(passing, record_is_id, &ids) < 0 ||
        network_names(engine, &names, NULL) < 0)
        return;
    json_auto_t *known = json_object();
    for (size_t i = 0; i < names.n; i++) {
        json_auto_t *doc = NULL;
        if (network_load(engine, names.v[i], &doc, NULL) < 0)
            return; /* damaged: it may be anyone's */
        json_object_set_new(known, field_string(doc, "Id"), json_true());
    }
    for (size_t i = 0; i < ids.n; i++)
        if (json_object_get(known, ids.v[i]) == NULL)
            network_forget(engine, ids.v[i]);
}

static bool are_made(const struct engine *engine)
{
    return faccessat(engine->runfd, "networks/bridge" SUFFIX, F_OK, 0) == 0;
}

int network_lock_all(struct engine *engine, struct err *e)
{
    int r = engine_enter(engine, e);
    if (r == 0)
        r = files_mkdirs(engine->runfd, "networks", 0711, e);
    auto_fd int lock =
        r < 0 ? r : files_lock(engine->runfd, "networks/.lock", 0, e);
    if (lock >= 0 && !are_made(engine))
        r = make_predefined(engine, e);
    else if (lock >= 0)
        clear_remains(engine);
    return lock < 0 ? lock : r < 0 ? r : fd_take(&lock);
}

static int make_first(struct engine *engine, struct err *e)
{
    if (are_made(engine))
        return 0;
    auto_fd int lock = network_lock_all(engine, e);
    return lock < 0 ? lock : 0;
}

/* --- the doors ------------------------------------------------------------ */

int network_names(struct engine *engine, struct strv *ret, struct err *e)
{
    static const char *const first[] = {"bridge", "host", "none"};
    int r = make_first(engine, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < 3; i++)
        strv_add(ret, first[i]);
    auto_fd int dir = open_place(engine, false, NULL);
    r = dir == -ENOENT ? 0 : dir < 0 ? dir : list_all(dir, ret);
    if (r < 0)
        return err_sys(e, r, "open %s/networks", engine->root);
    qsort(ret->v, ret->n, sizeof *ret->v, compare);
    return 0;
}

static int load(struct engine *engine, const char *name, json_t **ret,
                struct err *e)
{
    auto_fd int dir = open_for(engine, name, e);
    return dir < 0 ? dir : read_one(dir, name, ret, e);
}

/* The one whose id begins so. */
static int find_by_id(struct engine *engine, const char *prefix, json_t **ret,
                      struct err *e)
{
    auto_strv struct strv names = {0};
    json_t *found = NULL;
    int r = network_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++) {
        json_t *doc = NULL;
        if (load(engine, names.v[i], &doc, NULL) < 0)
            continue;
        bool fits = text_starts(field_string(doc, "Id"), prefix);
        if (fits && found != NULL)
            r = err_set(e, ENOTUNIQ,
                        "network %s is ambiguous (2 matches found "
                        "on ID prefix)",
                        prefix);
        if (fits && found == NULL)
            found = json_incref(doc);
        json_decref(doc);
    }
    if (r == 0 && found == NULL)
        r = err_set(e, ENOENT, "network %.128s not found", prefix);
    if (r == 0)
        *ret = json_incref(found);
    json_decref(found);
    return r;
}

int network_load(struct engine *engine, const char *name, json_t **ret,
                 struct err *e)
{
    struct err why = {0};
    int r = make_first(engine, e);
    if (r < 0)
        return r;
    r = load(engine, name, ret, &why);
    if (r == -ENOENT && name[0] != '\0')
        return find_by_id(engine, name, ret, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "network %.128s not found", name);
    return r < 0 ? err_set(e, -r, "%s", why.msg) : 0;
}

/* Is the name free, and is there a place for it? */
static int prepare(struct engine *engine, const char *name, struct err *e)
{
    int r = files_mkdirs(engine->rootfd, "networks", 0711, e);
    auto_fd int dir = r < 0 ? r : open_place(engine, false, e);
    auto_free char *file = text_format("%s" SUFFIX, name);
    if (dir < 0)
        return dir;
    return faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0
               ? err_set(e, EEXIST, "network with name %s already exists", name)
               : 0;
}

/* Two networks on one bridge would be one. */
static int check_bridge(struct engine *engine, const json_t *doc, struct err *e)
{
    auto_strv struct strv names = {0};
    auto_free char *bridge = network_bridge(doc);
    int r = network_is(doc, "bridge") ? network_names(engine, &names, e) : 0;
    for (size_t i = 0; i < names.n && r == 0; i++) {
        json_auto_t *other = NULL;
        if (load(engine, names.v[i], &other, NULL) < 0 ||
            !network_is(other, "bridge"))
            continue;
        auto_free char *its = network_bridge(other);
        if (strcmp(its, bridge) == 0)
            r = err_set(e, EEXIST,
                        "cannot create network %s (%s): conflicts with network "
                        "%s (%s): networks have same bridge name",
                        field_string(doc, "Id"), bridge,
                        field_string(other, "Id"), its);
    }
    return r;
}

int network_create(struct engine *engine, const json_t *request, json_t **ret,
                   struct err *e)
{
    int r = network_check(request, e);
    if (r == 0)
        r = network_check_user(engine, "create", field_string(request, "Name"),
                               e);
    auto_fd int lock = r < 0 ? r : network_lock_all(engine, e);
    if (lock < 0)
        return lock;
    auto_ip_nets struct ip_nets taken = {0};
    json_t *doc = NULL;
    r = prepare(engine, field_string(request, "Name"), e);
    if (r == 0)
        r = network_taken(engine, &taken, e);
    if (r == 0)
        r = network_make_document(request, &taken, &doc, e);
    if (r == 0)
        r = check_bridge(engine, doc, e);
    if (r == 0)
        r = save(engine, doc, e);
    if (r == 0)
        events_of_network(engine, doc, "create", NULL);
    if (r == 0)
        *ret = json_incref(doc);
    json_decref(doc);
    return r;
}

int network_unlink(struct engine *engine, const json_t *network, struct err *e)
{
    const char *name = field_string(network, "Name");
    auto_fd int dir = open_for(engine, name, e);
    if (dir < 0)
        return dir;
    auto_free char *file = text_format("%s" SUFFIX, name);
    int r = sys_unlinkat(dir, file, 0);
    if (r == 0)
        r = sys_fsync(dir);
    return r < 0 && r != -ENOENT ? err_sys(e, r, "remove networks/%s", file)
                                 : 0;
}
