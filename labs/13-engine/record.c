#include "record.h"

#include "files.h"
#include "own.h"
#include "snap.h"
#include "sys.h"
#include "waiting.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void record_done(struct record *record)
{
    json_decref(record->doc);
    record->doc = NULL;
}

char *record_dir(const struct engine *engine, const char *id)
{
    return text_format("%s/containers/%s", engine->root, id);
}

char *record_cgroup(const json_t *doc, const char *id)
{
    const char *parent = field_string(doc, "HostConfig.CgroupParent");
    if (parent == NULL || parent[0] == '\0')
        return text_format("mini-docker/%s", id);
    while (parent[0] == '/')
        parent++;
    return text_format("%s/%s", parent, id);
}

void record_new_id(char ret_id[RECORD_ID_LEN + 1])
{
    unsigned char bytes[RECORD_ID_LEN / 2];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort();
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]);
}

int record_lock_new(struct engine *engine, char ret_id[RECORD_ID_LEN + 1],
                    struct err *e)
{
    /* TODO lab 13.2: a new id, its directory below runfd (0700), files_lock
     * ID/lock: for good; -ENOENT is somebody who swept it away meanwhile, so
     * begin again */
    return err_set(e, ENOSYS, "lab 13.2 is not written yet");
}

int record_lock_dead(struct engine *engine, const char *id, struct err *e)
{
    int r = sys_mkdirat(engine->runfd, id, 0700);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir %s/%s", engine->run, id);
    auto_free char *path = text_format("%s/lock", id);
    return files_lock(engine->runfd, path, FILES_TRY, e);
}

int record_name(struct engine *engine, const char *name, const char *id,
                char ret_owner[RECORD_ID_LEN + 1], struct err *e)
{
    /* TODO lab 13.1: a symbolic link names/NAME to the id; where there is one
     * already, readlinkat(2) says whose, and the message is Docker's */
    return err_set(e, ENOSYS, "lab 13.1 is not written yet");
}

static int save(struct engine *engine, const char *id, const json_t *doc,
                bool durable, struct err *e)
{
    auto_free char *json = json_dumps(doc, JSON_INDENT(4));
    auto_free char *path = durable
                               ? text_format("containers/%s/config.json", id)
                               : text_format("%s/config.json", id);
    return files_replace(durable ? engine->rootfd : engine->runfd, path, json,
                         strlen(json), durable ? FILES_DURABLE : 0, e);
}

int record_save(struct engine *engine, const char *id, const json_t *doc,
                struct err *e)
{
    bool durable = !field_bool(doc, "HostConfig.AutoRemove");
    int r = save(engine, id, doc, durable, e);
    if (r < 0 || !durable)
        return r;
    auto_free char *aside = text_format("%s/config.json", id);
    sys_unlinkat(engine->runfd, aside, 0);
    return 0;
}

int record_set_aside(struct engine *engine, const char *id, const json_t *doc,
                     struct err *e)
{
    return save(engine, id, doc, false, e);
}

int record_keep(struct engine *engine, const char *id, const json_t *doc,
                struct err *e)
{
    return field_bool(doc, "HostConfig.AutoRemove")
               ? save(engine, id, doc, true, e)
               : 0;
}

bool record_is_locked(struct engine *engine, const char *id)
{
    auto_free char *path = text_format("%s/lock", id);
    struct stat st;
    /* Look before asking: asking would create the file. */
    if (fstatat(engine->runfd, path, &st, 0) < 0)
        return false;
    auto_fd int fd = files_lock(engine->runfd, path, FILES_TRY, NULL);
    return fd == -EWOULDBLOCK;
}

static int load(int dirfd_, const char *path, const char *id,
                struct record *ret, struct err *e)
{
    auto_text struct text json = {0};
    snprintf(ret->id, sizeof ret->id, "%s", id);
    int r = files_read(dirfd_, path, &json, e);
    if (r < 0)
        return r;
    json_error_t why;
    ret->doc = json_loadb(json.s, json.len, 0, &why);
    if (ret->doc != NULL && !json_is_object(ret->doc)) {
        record_done(ret);
        snprintf(why.text, sizeof why.text, "it is no object");
    }
    if (ret->doc == NULL)
        return err_set(e, EINVAL, "container %.12s: damaged record: %s", id,
                       why.text);
    return 0;
}

int record_load_kept(struct engine *engine, const char *id, struct record *ret,
                     struct err *e)
{
    auto_free char *path = text_format("containers/%s/config.json", id);
    ret->live = ret->passing = false;
    return load(engine->rootfd, path, id, ret, e);
}

int record_load(struct engine *engine, const char *id, struct record *ret,
                struct err *e)
{
    auto_free char *passing = text_format("%s/config.json", id);
    int r = load(engine->runfd, passing, id, ret, e);
    ret->passing = r != -ENOENT;
    if (r == -ENOENT)
        r = record_load_kept(engine, id, ret, e);
    if (r == 0)
        ret->live = record_is_locked(engine, id);
    return r;
}

bool record_is_id(const char *name)
{
    return strlen(name) == RECORD_ID_LEN &&
           strspn(name, "0123456789abcdef") == RECORD_ID_LEN;
}

static int add_ids(int dirfd_, const char *path, const char *below,
                   struct strv *ret, struct err *e)
{
    int fd = sys_openat(dirfd_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return err_sys(e, fd < 0 ? fd : errno, "open %s/%s", below, path);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (record_is_id(entry->d_name))
            strv_add(ret, entry->d_name);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *ids)
{
    if (ids->n > 0)
        qsort(ids->v, ids->n, sizeof *ids->v, compare);
}

int record_ids_present(struct engine *engine, struct strv *ret, struct err *e)
{
    int r = add_ids(engine->runfd, ".", engine->run, ret, e);
    sort(ret);
    return r;
}

int record_ids(struct engine *engine, struct strv *ret, struct err *e)
{
    auto_strv struct strv all = {0};
    int r = add_ids(engine->runfd, ".", engine->run, &all, e);
    if (r == 0)
        r = add_ids(engine->rootfd, "containers", engine->root, &all, e);
    if (r < 0)
        return r;
    sort(&all);
    for (size_t i = 0; i < all.n; i++)
        if (i == 0 || strcmp(all.v[i], all.v[i - 1]) != 0)
            strv_add(ret, all.v[i]);
    return 0;
}

/* A name's id through its symbolic link; "" if there is no such name. */
static void id_of_name(struct engine *engine, const char *name,
                       char ret_id[RECORD_ID_LEN + 1])
{
    auto_free char *path = text_format("names/%s", name);
    ssize_t n = strchr(name, '/') != NULL
                    ? -1
                    : readlinkat(engine->runfd, path, ret_id, RECORD_ID_LEN);
    ret_id[n == RECORD_ID_LEN ? n : 0] = '\0';
}

int record_unname(struct engine *engine, const char *name, const char *id,
                  struct err *e)
{
    auto_free char *path = text_format("names/%s", name);
    char owner[RECORD_ID_LEN + 1];
    id_of_name(engine, name, owner);
    if (strcmp(owner, id) != 0)
        return 0;
    int r = sys_unlinkat(engine->runfd, path, 0);
    return r < 0 && r != -ENOENT ? err_sys(e, r, "give back name %s", name) : 0;
}

int record_find(struct engine *engine, const char *name, struct record *ret,
                struct err *e)
{
    if (name[0] == '/') /* inspect shows names with a slash */
        name++;
    char id[RECORD_ID_LEN + 1];
    id_of_name(engine, name, id);
    if (id[0] == '\0') {
        auto_strv struct strv ids = {0};
        int r = record_ids(engine, &ids, e);
        if (r < 0)
            return r;
        for (size_t i = 0; i < ids.n; i++) {
            if (name[0] == '\0' || !text_starts(ids.v[i], name))
                continue;
            if (id[0] != '\0')
                return err_set(e, ENOTUNIQ,
                               "Multiple IDs found with provided prefix: %s",
                               name);
            snprintf(id, sizeof id, "%s", ids.v[i]);
        }
    }
    int r = id[0] == '\0' ? -ENOENT : record_load(engine, id, ret, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "No such container: %s", name);
    return r;
}

int record_remove(struct engine *engine, const char *id, const char *name,
                  struct err *e)
{
    /* Killed half-way through, we leave a directory without a document: what
     * has none is garbage to the next sweep. */
    auto_snap struct snap snap = {.dir = record_dir(engine, id)};
    auto_free char *tree = text_format("containers/%s", id);
    int result = snap_destroy(&snap, e);
    if (result == 0)
        result = files_remove_tree(engine->rootfd, tree, e);
    if (name != NULL && result == 0)
        result = record_unname(engine, name, id, e);
    if (result == 0)
        result = files_remove_tree(engine->runfd, id, e);
    if (result == 0) {
        engine_release_images(engine);
        waiting_dismiss(engine, id);
    }
    return result;
}
