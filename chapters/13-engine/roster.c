/* What lists tell of containers, remembered: second reading. */
#include "roster.h"

#include "digest.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PLACE "cache/containers"
#define LIST PLACE "/list"
#define LOCK PLACE "/lock"

enum {
    /* Reading so many records takes as long as writing a thousand lines. */
    WORTH = 16,
    LARGEST = 64 * 1024 * 1024,
};

/* A third of all, and seldom wanted. */
#define NETWORKS "NetworkSettings.Networks"

/* What a list shows of a record. It is a line of the file, too: another table
 * makes what is there useless. */
static const char *const members[] = {
    "Name",
    "Created",
    "Image",
    "Config.Image",
    "Config.Entrypoint",
    "Config.Cmd",
    "Config.Labels",
    "Config.ExposedPorts",
    "HostConfig.NetworkMode",
    "HostConfig.PortBindings",
    "State.Status",
    "State.Running",
    "State.Paused",
    "State.StartedAt",
    "State.FinishedAt",
    "State.ExitCode",
    "State.Health.Status",
    "NetworkSettings.Ports",
    "Mounts",
    NETWORKS,
};
enum { MEMBERS = sizeof members / sizeof members[0] };

struct row {
    char id[RECORD_ID_LEN + 1];
    struct stamp stamp;
    const char *values; /* of the members: JSON, a tab before each */
    char *own;          /* the same, if it is no part of the file's text */
    bool is_used;       /* it was true */
    bool is_old;        /* it was not */
};

struct roster {
    struct engine *engine;
    bool with_networks;
    struct text text;
    struct row *rows;
    size_t n, known; /* the first `known` are the file's, in order */
};

static int by_id(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return memcmp(x->id, y->id, RECORD_ID_LEN);
}

/* --- the file ------------------------------------------------------------- */

static struct row *add_row(struct roster *roster)
{
    size_t n = roster->n + 1;
    /* Doubling at powers of two needs no separate capacity. */
    if ((n & (n - 1)) == 0)
        roster->rows = own_grow(roster->rows, n * 2 * sizeof *roster->rows);
    roster->rows[roster->n++] = (struct row){0};
    return &roster->rows[n - 1];
}

static void add_members(struct text *out)
{
    for (size_t i = 0; i < MEMBERS; i++)
        text_addf(out, "%s%s", members[i], i + 1 < MEMBERS ? " " : "\n");
}

/* The rows' text, if the file is whole and of this table. Whatever lies there:
 * a pipe would never be done being opened. */
static char *read_text(struct roster *roster)
{
    struct stat st;
    struct text *text = &roster->text;
    int root = roster->engine->rootfd;
    if (fstatat(root, LIST, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode) || st.st_size > LARGEST ||
        files_read(root, LIST, text, NULL) <= 0)
        return NULL;
    char digest[DIGEST_SIZE];
    char *rest = text->s, *said = strsep(&rest, "\n");
    if (rest == NULL)
        return NULL;
    digest_of(rest, text->len - (size_t)(rest - text->s), digest);
    auto_text struct text table = {0};
    add_members(&table);
    return strcmp(said, digest) == 0 && text_starts(rest, table.s)
               ? rest + table.len
               : NULL;
}

/* "ID", a stamp and values. */
static void read_rows(struct roster *roster, char *rest)
{
    char *line;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        if (strlen(line) < RECORD_ID_LEN)
            break;
        struct row *row = add_row(roster);
        memcpy(row->id, line, RECORD_ID_LEN);
        row->values = stamp_read(line + RECORD_ID_LEN, &row->stamp);
    }
    roster->known = roster->n;
}

struct roster *roster_open(struct engine *engine, size_t n, bool with_networks)
{
    struct roster *roster = own_alloc(sizeof *roster);
    roster->engine = engine;
    roster->with_networks = with_networks;
    char *rows = n < WORTH ? NULL : read_text(roster);
    if (rows != NULL)
        read_rows(roster, rows);
    return roster;
}

void roster_close(struct roster **roster)
{
    if (*roster == NULL)
        return;
    for (size_t i = 0; i < (*roster)->n; i++)
        free((*roster)->rows[i].own);
    free((*roster)->rows);
    text_done(&(*roster)->text);
    free(*roster);
    *roster = NULL;
}

static bool is_kept(const struct row *row, bool is_whole)
{
    return !row->is_old && (row->is_used || !is_whole);
}

static void write_list(struct roster *roster, bool is_whole)
{
    auto_text struct text rows = {0}, file = {0};
    char digest[DIGEST_SIZE];
    qsort(roster->rows, roster->n, sizeof *roster->rows, by_id);
    add_members(&rows);
    for (size_t i = 0; i < roster->n; i++) {
        const struct row *row = &roster->rows[i];
        if (!is_kept(row, is_whole))
            continue;
        text_addf(&rows, "%s ", row->id);
        stamp_add(&rows, &row->stamp);
        text_addf(&rows, "%s\n", row->values);
    }
    digest_of(rows.s, rows.len, digest);
    text_addf(&file, "%s\n", digest);
    text_addn(&file, rows.s, rows.len);
    files_replace(roster->engine->rootfd, LIST, file.s, file.len, 0, NULL);
}

/* How many rows are not as the file has them? */
static size_t count_changes(const struct roster *roster, bool is_whole)
{
    size_t n = roster->n - roster->known;
    for (size_t i = 0; i < roster->known; i++)
        n += !is_kept(&roster->rows[i], is_whole);
    return n;
}

void roster_save(struct roster *roster, bool is_whole)
{
    int root = roster->engine->rootfd;
    if (count_changes(roster, is_whole) < WORTH)
        return;
    files_mkdirs(root, PLACE, 0700, NULL);
    auto_fd int lock = files_lock(root, LOCK, FILES_TRY, NULL);
    if (lock < 0)
        return;
    files_remove_beginnings(root, PLACE);
    write_list(roster, is_whole);
}

/* --- one of them ---------------------------------------------------------- */

static void set_member(json_t *doc, const char *path, json_t *value)
{
    for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
        char key[64] = "";
        memcpy(key, path, (size_t)(dot - path));
        if (json_object_get(doc, key) == NULL)
            json_object_set_new(doc, key, json_object());
        doc = json_object_get(doc, key);
    }
    json_object_set_new(doc, path, value);
}

static char *encode(const json_t *doc)
{
    struct text text = {0};
    for (size_t i = 0; i < MEMBERS; i++) {
        const json_t *value = field_get(doc, members[i]);
        auto_free char *json =
            value == NULL ? NULL
                          : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        text_addf(&text, "\t%s", json != NULL ? json : "");
    }
    return text_take(&text);
}

/* Most are words, of which there is nothing to understand. */
static json_t *decode_value(const char *json, size_t len)
{
    if (len > 1 && json[0] == '"' && memchr(json, '\\', len) == NULL)
        return json_stringn(json + 1, len - 2);
    return json_loadb(json, len, JSON_DECODE_ANY, NULL);
}

/* NULL where these are no values. */
static json_t *decode(const char *values, bool with_networks)
{
    json_t *doc = json_object();
    bool is_good = true;
    for (size_t i = 0; i < MEMBERS && is_good; i++) {
        is_good = *values == '\t';
        values += is_good;
        size_t len = strcspn(values, "\t");
        bool wanted = with_networks || strcmp(members[i], NETWORKS) != 0;
        json_t *value = len > 0 && wanted ? decode_value(values, len) : NULL;
        if (value != NULL)
            set_member(doc, members[i], value);
        is_good = is_good && (len == 0 || !wanted || value != NULL);
        values += len;
    }
    if (is_good)
        return doc;
    json_decref(doc);
    return NULL;
}

static void shorten(json_t **doc)
{
    json_t *ret = json_object();
    for (size_t i = 0; i < MEMBERS; i++) {
        const json_t *value = field_get(*doc, members[i]);
        if (value != NULL)
            set_member(ret, members[i],
                       json_incref((json_t *)(uintptr_t)value));
    }
    json_decref(*doc);
    *doc = ret;
}

/* Of the document that record_load would read; in `ret` which that is. */
void roster_stamp(struct engine *engine, bool is_present, struct record *ret,
                  struct stamp *ret_stamp)
{
    auto_free char *kept = text_format("containers/%s/config.json", ret->id);
    const char *passing = strchr(kept, '/') + 1;
    int r = is_present ? stamp_get(engine->runfd, passing, ret_stamp) : -ENOENT;
    ret->passing = r != -ENOENT;
    if (r == -ENOENT)
        stamp_get(engine->rootfd, kept, ret_stamp);
}

static struct row *look_up(const struct roster *roster, const char *id)
{
    struct row wanted;
    memcpy(wanted.id, id, sizeof wanted.id);
    return roster->known == 0 ? NULL
                              : bsearch(&wanted, roster->rows, roster->known,
                                        sizeof *roster->rows, by_id);
}

/* The document as the file has it, or NULL. */
static json_t *recall(struct roster *roster, const char *id,
                      const struct stamp *stamp)
{
    struct row *row = look_up(roster, id);
    if (row == NULL)
        return NULL;
    json_t *doc = stamp_is_same(&row->stamp, stamp)
                      ? decode(row->values, roster->with_networks)
                      : NULL;
    row->is_used = doc != NULL;
    row->is_old = !row->is_used;
    return doc;
}

static void remember(struct roster *roster, const struct record *record,
                     const struct stamp *stamp)
{
    if (stamp->inode == 0)
        return;
    struct row *row = add_row(roster);
    memcpy(row->id, record->id, sizeof row->id);
    row->stamp = *stamp;
    row->values = row->own = encode(record->doc);
    row->is_used = true;
}

int roster_load(struct roster *roster, const char *id, bool is_present,
                struct record *ret, struct err *e)
{
    struct engine *engine = roster->engine;
    struct stamp stamp;
    snprintf(ret->id, sizeof ret->id, "%s", id);
    roster_stamp(engine, is_present, ret, &stamp);
    ret->doc = recall(roster, id, &stamp);
    ret->live = ret->doc != NULL && is_present && record_is_locked(engine, id);
    if (ret->doc != NULL)
        return 0;
    int r = is_present ? record_load(engine, id, ret, e)
                       : record_load_kept(engine, id, ret, e);
    if (r < 0)
        return r;
    shorten(&ret->doc);
    remember(roster, ret, &stamp);
    return 0;
}
