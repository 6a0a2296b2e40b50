/*
 * What is mounted where, in Docker's order: the volumes of others
 * (--volumes-from), -v, --mount, and the volumes that image and options name
 * by their place alone. A later one takes the place of an earlier.
 *
 * The result is the document's Mounts, as `inspect` shows it, where each has a
 * Spec besides: the mount as it was asked for, an element of HostConfig.Mounts.
 */
#include "plan.h"

#include "field.h"
#include "own.h"
#include "volume.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Words of -v that are no propagation, and what they put into the Spec. */
static const struct {
    const char *word, *object, *member;
} flags[] = {
    {"ro",                NULL,            "ReadOnly"    },
    {"nocopy",            "VolumeOptions", "NoCopy"      },
    {"bind-nonrecursive", "BindOptions",   "NonRecursive"},
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static json_t *object_of(json_t *parent, const char *key)
{
    json_t *object = json_object_get(parent, key);
    if (object == NULL) {
        object = json_object();
        json_object_set_new(parent, key, object);
    }
    return object;
}

static bool is_propagation(const char *word)
{
    static const char *const words[] = {"private", "rprivate", "shared",
                                        "rshared", "slave",    "rslave"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* "ro,rslave,nocopy" as members of a Spec. Words that mean something only to
 * others, SELinux and macOS, mean nothing here. */
static void put_words(json_t *spec, const char *words)
{
    auto_strv struct strv list = {0};
    strv_split(&list, words, ',');
    for (size_t i = 0; i < list.n; i++) {
        if (is_propagation(list.v[i]))
            json_object_set_new(object_of(spec, "BindOptions"), "Propagation",
                                json_string(list.v[i]));
        for (size_t f = 0; f < FLAGS; f++)
            if (strcmp(flags[f].word, list.v[i]) == 0)
                json_object_set_new(flags[f].object == NULL
                                        ? spec
                                        : object_of(spec, flags[f].object),
                                    flags[f].member, json_true());
    }
}

/* --- mount points --------------------------------------------------------- */

/* A volume is known by its name; where there is none, it gets one now, since
 * the record must tell it before it is made. */
static int put_volume(const struct plan *plan, json_t *point,
                      const json_t *spec, struct err *e)
{
    char id[RECORD_ID_LEN + 1];
    const char *name = field_string(spec, "Source");
    const json_t *driver = field_get(spec, "VolumeOptions.DriverConfig");
    const char *said = field_string(driver, "Name");
    json_t *request = json_pack(
        "{s:s?, s:s?, s:O?}", "Name", name, "Driver",
        said != NULL ? said
                     : field_string(plan->doc, "HostConfig.VolumeDriver"),
        "DriverOpts", json_object_get(driver, "Options"));
    int r = volume_check(request, e);
    json_decref(request);
    if (name == NULL) {
        record_new_id(id);
        name = id;
    }
    auto_free char *path = volume_path(plan->engine, name);
    json_object_set_new(point, "Name", json_string(name));
    json_object_set_new(point, "Source", json_string(path));
    json_object_set_new(point, "Driver", json_string("local"));
    return r;
}

/* A bind may share what is mounted in it later; a volume does not. */
static void put_propagation(json_t *point, const json_t *spec)
{
    const char *said = field_string(spec, "BindOptions.Propagation");
    const char *word = !field_is(spec, "Type", "bind")   ? ""
                       : said != NULL && said[0] != '\0' ? said
                                                         : "rprivate";
    json_object_set_new(point, "Propagation", json_string(word));
}

/* The mount point of a Spec, which is taken over; `mode` as inspect shows. */
static int add_point(struct plan *plan, json_t *points, json_t *spec,
                     const char *mode, struct err *e)
{
    const char *target = field_string(spec, "Target");
    const char *type = field_string(spec, "Type");
    const char *source = field_string(spec, "Source");
    auto_free char *place = mnt_tidy_path(target != NULL ? target : "");
    json_t *point = json_pack("{s:s}", "Type", type != NULL ? type : "volume");
    int r = 0;
    if (target == NULL || target[0] != '/')
        r = err_set(e, EINVAL,
                    "invalid mount path: '%s' mount path must be absolute",
                    target != NULL ? target : "");
    else if (place[0] == '\0')
        r = err_set(e, EINVAL,
                    "invalid specification: destination can't be '/'");
    else if (field_is(point, "Type", "volume"))
        r = put_volume(plan, point, spec, e);
    else
        json_object_set_new(point, "Source",
                            json_string(source != NULL ? source : ""));
    json_object_set_new(point, "Destination", json_string(place));
    json_object_set_new(point, "Mode", json_string(mode));
    json_object_set_new(point, "RW",
                        json_boolean(!field_bool(spec, "ReadOnly")));
    put_propagation(point, spec);
    json_object_set_new(point, "Spec", spec);
    json_object_set_new(points, place, point);
    return r;
}

/* --- where they come from ------------------------------------------------- */

/* "C:ro": all that C mounts, volumes and binds; what it may not write, nobody
 * else may. Its volumes are not filled from our image. */
static int add_others(struct plan *plan, json_t *points, const char *said,
                      struct err *e)
{
    size_t len = strcspn(said, ":");
    const char *mode = said[len] == ':' ? said + len + 1 : "rw";
    auto_free char *name = text_format("%.*s", (int)len, said);
    auto_record struct record other = {0};
    auto_strv struct strv words = {0};
    bool readonly = false;
    strv_split(&words, mode, ',');
    for (size_t i = 0; i < words.n; i++) {
        readonly |= strcmp(words.v[i], "ro") == 0;
        if (strcmp(words.v[i], "ro") != 0 && strcmp(words.v[i], "rw") != 0 &&
            strcasecmp(words.v[i], "z") != 0)
            return err_set(e, EINVAL, "invalid mode: %s", mode);
    }
    int r = record_find(plan->engine, name, &other, e);
    if (r < 0)
        return r;
    size_t i;
    const json_t *theirs;
    json_array_foreach(json_object_get(other.doc, "Mounts"), i, theirs)
    {
        json_t *point = json_deep_copy(theirs);
        json_t *spec = object_of(point, "Spec");
        json_object_set_new(object_of(spec, "VolumeOptions"), "NoCopy",
                            json_true());
        json_object_set_new(point, "Mode", json_string(""));
        if (readonly)
            json_object_set_new(point, "RW", json_false());
        json_object_set_new(points, field_string(point, "Destination"), point);
    }
    return 0;
}

/* "SOURCE:TARGET[:WORDS]": a directory of the host, or a volume. */
static int add_bind(struct plan *plan, json_t *points, const char *said,
                    struct err *e)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, said, ':');
    if (parts.n < 2 || parts.n > 3)
        return err_set(e, EINVAL, "invalid volume specification: '%s'", said);
    if (parts.v[1][0] != '/')
        return err_set(e, EINVAL,
                       "invalid volume specification: '%s': invalid mount "
                       "config for type \"bind\": invalid mount path: '%s' "
                       "mount path must be absolute",
                       said, parts.v[1]);
    bool is_bind = parts.v[0][0] == '/';
    const char *words = parts.n == 3 ? parts.v[2] : "";
    json_t *spec =
        json_pack("{s:s, s:s, s:s}", "Type", is_bind ? "bind" : "volume",
                  "Source", parts.v[0], "Target", parts.v[1]);
    put_words(spec, words);
    /* For volumes Docker's default is a label for SELinux. */
    const char *mode = words[0] == '\0' && !is_bind ? "z" : words;
    return add_point(plan, points, spec, mode, e);
}

static int add_mount(struct plan *plan, json_t *points, const json_t *said,
                     struct err *e)
{
    bool named = field_is(said, "Type", "volume") &&
                 field_string(said, "Source") != NULL;
    return add_point(plan, points, json_deep_copy(said), named ? "z" : "", e);
}

/* Places alone, where nothing else is mounted: VOLUME and -v /path. */
static int add_places(struct plan *plan, json_t *points, struct err *e)
{
    const char *place;
    json_t *unused;
    json_t *places =
        json_object_get(json_object_get(plan->doc, "Config"), "Volumes");
    const json_t *tmpfs = field_get(plan->doc, "HostConfig.Tmpfs");
    json_object_foreach(places, place, unused)
    {
        auto_free char *absolute =
            text_format("%s%s", place[0] == '/' ? "" : "/", place);
        auto_free char *tidy = mnt_tidy_path(absolute);
        if (json_object_get(points, tidy) != NULL ||
            json_object_get(tmpfs, place) != NULL)
            continue;
        json_t *spec =
            json_pack("{s:s, s:s}", "Type", "volume", "Target", absolute);
        int r = add_point(plan, points, spec, "", e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int each_string(struct plan *plan, json_t *points, const char *path,
                       int (*add)(struct plan *plan, json_t *points,
                                  const char *said, struct err *e),
                       struct err *e)
{
    auto_strv struct strv list = {0};
    field_strings(plan->doc, path, &list);
    int r = 0;
    for (size_t i = 0; i < list.n && r == 0; i++)
        r = add(plan, points, list.v[i], e);
    return r;
}

static int add_all(struct plan *plan, json_t *points, struct err *e)
{
    int r = each_string(plan, points, "HostConfig.VolumesFrom", add_others, e);
    if (r == 0)
        r = each_string(plan, points, "HostConfig.Binds", add_bind, e);
    size_t i;
    const json_t *said;
    json_array_foreach(field_get(plan->doc, "HostConfig.Mounts"), i, said)
    {
        if (r == 0)
            r = add_mount(plan, points, said, e);
    }
    return r < 0 ? r : add_places(plan, points, e);
}

int plan_points(struct plan *plan, struct err *e)
{
    /* One that has run before keeps its volumes. */
    if (json_object_get(plan->doc, "Mounts") != NULL)
        return 0;
    json_t *points = json_object(), *list = json_array();
    int r = add_all(plan, points, e);
    const char *place;
    json_t *point;
    json_object_foreach(points, place, point) json_array_append(list, point);
    json_object_set_new(plan->doc, "Mounts", list);
    json_decref(points);
    return r;
}

json_t *plan_shown_mounts(const json_t *doc)
{
    json_t *list = json_array();
    size_t i;
    const json_t *point;
    json_array_foreach(json_object_get(doc, "Mounts"), i, point)
    {
        json_t *shown = json_copy((json_t *)(uintptr_t)point);
        json_object_del(shown, "Spec");
        json_array_append_new(list, shown);
    }
    return list;
}
