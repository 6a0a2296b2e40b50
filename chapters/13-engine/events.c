/* The journal, for those who write it. */
#include "events.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- the file ------------------------------------------------------------- */

enum {
    LARGEST = 1 << 20,
    TRIES = 100, /* to find it in nobody's hands */
};

static int open_file(const struct engine *engine)
{
    return sys_openat(engine->runfd, EVENTS_FILE,
                      O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                      0600);
}

/* Has it still that name? */
static bool is_current(const struct engine *engine, int fd)
{
    return files_is_named(engine->runfd, EVENTS_FILE, fd);
}

/* For as long as it is open, nobody renames it: a reader that goes on to the
 * next file can be sure that it has all of this one. Who renames it is ready
 * in a moment; if he is not, he was stopped, and we do not wait. */
static int open_journal(const struct engine *engine)
{
    for (int tries = 1;; tries++) {
        auto_fd int fd = open_file(engine);
        if (fd < 0)
            return fd;
        bool held = sys_flock(fd, LOCK_SH | LOCK_NB) == 0;
        if ((held && is_current(engine, fd)) || tries == TRIES)
            return fd_take(&fd);
    }
}

static off_t size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_size : 0;
}

/* Where somebody is writing just now, the next one tries it again. */
static void rotate(const struct engine *engine)
{
    auto_fd int fd = open_file(engine);
    if (fd < 0 || sys_flock(fd, LOCK_EX | LOCK_NB) < 0 ||
        !is_current(engine, fd) || size_of(fd) < LARGEST)
        return;
    sys_renameat2(engine->runfd, EVENTS_FILE, engine->runfd, EVENTS_FILE ".1",
                  0);
}

static bool is_torn(int fd)
{
    char last = '\n';
    off_t size = size_of(fd);
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static void append(const struct engine *engine, const char *line)
{
    auto_fd int fd = open_journal(engine);
    if (fd >= 0 && size_of(fd) >= LARGEST) {
        own_close(&fd);
        rotate(engine);
        fd = open_journal(engine);
    }
    if (fd < 0)
        return;
    auto_free char *whole =
        text_format("%s%s\n", is_torn(fd) ? "\n" : "", line);
    sys_write(fd, whole, strlen(whole));
}

/* --- the line ------------------------------------------------------------- */

struct event {
    const char *type, *action, *id;
    json_t *attributes; /* taken */
};

/* Members in the order that the API has them. What there are older names for
 * has those, too. */
static json_t *make_message(const struct event *event)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    json_t *message = json_object();
    bool is_container = strcmp(event->type, "container") == 0;
    if (is_container || strcmp(event->type, "image") == 0) {
        json_object_set_new(message, "status", json_string(event->action));
        json_object_set_new(message, "id", json_string(event->id));
    }
    const char *image = field_string(event->attributes, "image");
    if (is_container && image != NULL)
        json_object_set_new(message, "from", json_string(image));
    json_t *rest = json_pack(
        "{s:s, s:s, s:{s:s, s:o}, s:s, s:I, s:I}", "Type", event->type,
        "Action", event->action, "Actor", "ID", event->id, "Attributes",
        event->attributes, "scope", "local", "time", (json_int_t)now.tv_sec,
        "timeNano", (json_int_t)now.tv_sec * 1000000000 + now.tv_nsec);
    json_object_update(message, rest);
    json_decref(rest);
    return message;
}

static void write_down(const struct engine *engine, const struct event *event)
{
    json_t *message = make_message(event);
    auto_free char *line = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (line != NULL)
        append(engine, line);
}

static void add(json_t *object, json_t *more)
{
    json_object_update(object, more);
    json_decref(more);
}

/* --- who does what -------------------------------------------------------- */

void events_of_container(const struct engine *engine, const json_t *doc,
                         const char *action, json_t *more)
{
    const char *id = field_string(doc, "Id");
    const char *name = field_string(doc, "Name");
    const char *image = field_string(doc, "Config.Image");
    json_t *attributes = json_object();
    json_object_update(attributes,
                       (json_t *)(uintptr_t)field_get(doc, "Config.Labels"));
    add(attributes, more);
    if (image != NULL)
        json_object_set_new(attributes, "image", json_string(image));
    if (name != NULL)
        json_object_set_new(attributes, "name",
                            json_string(name + (name[0] == '/')));
    struct event event = {"container", action, id, attributes};
    if (id != NULL)
        write_down(engine, &event);
    else
        json_decref(attributes);
}

void events_died(const struct engine *engine, const json_t *doc, int code,
                 int64_t seconds)
{
    json_t *how = json_object();
    json_object_set_new(how, "exitCode", json_sprintf("%d", code));
    json_object_set_new(how, "execDuration", json_sprintf("%" PRId64, seconds));
    events_of_container(engine, doc, "die", how);
}

void events_of_volume(const struct engine *engine, const char *name,
                      const char *action, json_t *more)
{
    json_t *attributes = json_pack("{s:s}", "driver", "local");
    add(attributes, more);
    write_down(engine, &(struct event){"volume", action, name, attributes});
}

void events_of_network(const struct engine *engine, const json_t *network,
                       const char *action, json_t *more)
{
    json_t *attributes =
        json_pack("{s:O, s:O}", "name", json_object_get(network, "Name"),
                  "type", json_object_get(network, "Driver"));
    add(attributes, more);
    write_down(engine,
               &(struct event){"network", action, field_string(network, "Id"),
                               attributes});
}

static json_t *make_mount(const json_t *doc, const json_t *mount)
{
    return json_pack(
        "{s:s?, s:s?, s:s, s:s}", "container", field_string(doc, "Id"),
        "destination", field_string(mount, "Destination"), "read/write",
        field_bool(mount, "RW") ? "true" : "false", "propagation", "");
}

void events_of_mounts(const struct engine *engine, const json_t *doc,
                      const char *action)
{
    bool mounts = strcmp(action, "mount") == 0;
    size_t i;
    const json_t *mount;
    json_array_foreach(json_object_get(doc, "Mounts"), i, mount)
    {
        const char *name = field_string(mount, "Name");
        if (name == NULL || !field_is(mount, "Type", "volume"))
            continue;
        events_of_volume(
            engine, name, action,
            mounts ? make_mount(doc, mount)
                   : json_pack("{s:s?}", "container", field_string(doc, "Id")));
    }
}

void events_of_image(void *arg, const struct image_event *event)
{
    json_t *attributes = json_object();
    json_object_update(attributes, (json_t *)(uintptr_t)event->labels);
    json_object_set_new(
        attributes, "name",
        json_string(event->name != NULL ? event->name : event->id));
    write_down(arg,
               &(struct event){"image", event->action, event->id, attributes});
}

void events_pruned(const struct engine *engine, const char *type,
                   uint64_t bytes)
{
    json_t *attributes = json_object();
    json_object_set_new(attributes, "reclaimed",
                        json_sprintf("%" PRIu64, bytes));
    write_down(engine, &(struct event){type, "prune", "", attributes});
}
