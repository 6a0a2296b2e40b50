/*
 * volume.h - volumes: directories that outlive the containers that use them.
 *
 * What a container writes goes with it. A volume is a directory of the engine's
 * own, mounted into any number of containers and belonging to none; nothing in
 * it is layered, so it is as fast as the file system below. The documents are
 * those of the Docker Engine API, "Volume" and "VolumesCreate".
 *
 *     json_t *volume = NULL;
 *     volume_create(engine, request, &volume, &e);   // or it is there already
 *     ...
 *     volume_remove(engine, "data", &e);             // -EBUSY: it is used
 *
 * Below the state root:
 *     volumes/NAME/_data         what containers see
 *     volumes/NAME/volume.json   what is known of it
 *     volumes/NAME/lock          held by whoever fills it
 *     volumes/.lock              held by whoever makes or removes one
 *     volumes/.new, .gone-HEX    being made, being removed: a name that begins
 *                                with a dot is no volume's
 *
 * Nobody counts references: a volume is used by those containers whose records
 * name it (Mounts), and a record names a volume before the volume is made. So
 * either remover or container comes first, whoever is killed meanwhile: under
 * volumes/.lock the one sees the record, or the other makes the volume anew.
 *
 * Documents that are returned are the caller's, to json_decref(). Errors in
 * Docker's words; worth telling apart: -ENOENT, -EBUSY, -EINVAL. An ordinary
 * user needs engine_enter before a volume is changed or filled; it is called
 * here. Only 13-engine includes this.
 */
#ifndef VOLUME_H
#define VOLUME_H

#include "record.h"
#include "spec.h"

/* The label that says of a volume that nobody gave it a name. */
#define VOLUME_ANONYMOUS "com.docker.volume.anonymous"

/* --- volume.c: making and finding --- */

/* Can this body of POST /volumes/create be done? A look at it alone. */
int volume_check(const json_t *request, struct err *e);
/* Make it, unless there is one of that name. Without a name it gets 64 random
 * digits, and VOLUME_ANONYMOUS. `ret` may be NULL. */
int volume_create(struct engine *engine, const json_t *request, json_t **ret,
                  struct err *e);
/* What GET /volumes/NAME answers. -ENOENT: "get NAME: no such volume". */
int volume_load(const struct engine *engine, const char *name, json_t **ret,
                struct err *e);
/* The names of all there are, sorted. */
int volume_names(const struct engine *engine, struct strv *ret, struct err *e);

/* volumes/NAME, itself and not where a link of that name leads; and what
 * containers see of it. Descriptors; the caller closes. */
int volume_open(const struct engine *engine, const char *name, struct err *e);
int volume_open_data(int volume, const char *name, struct err *e);
/* A directory of `parent`, itself and not where a link of that name leads; and
 * which of the names in one are wanted, added to `ret`. */
int volume_open_dir(int parent, const char *name);
int volume_entries(int dir, bool (*is_wanted)(const char *name),
                   struct strv *ret);
/* The path of its _data; the caller frees. */
char *volume_path(const struct engine *engine, const char *name);

/* volumes/.lock, and remains of who died with it cleared away. A descriptor. */
int volume_lock(struct engine *engine, struct err *e);

/* --- volume_options.c: what `local` does with -o --- */

int volume_check_options(const json_t *options, struct err *e);
/* Mounted where a container uses it: the type, device and words of a volume
 * that is no plain directory. False: it is one. Borrowed from the document. */
struct volume_device {
    const char *type, *device, *words;
    bool is_bind;
};
bool volume_get_device(const json_t *volume, struct volume_device *ret);

/* --- volume_use.c: containers and their volumes --- */

/* Make what the container's Mounts name and is not there, and put what is no
 * plain directory into the specification. After the record, before the start.
 */
int volume_use(struct engine *engine, const json_t *doc, struct spec *spec,
               struct err *e);
/* Fill its empty volumes with what the image has in their places; `root` is the
 * image, mounted. Called by the container's process, see run.c. */
int volume_fill(struct engine *engine, const json_t *doc, const char *root,
                struct err *e);
/* Remove those that nobody named, and that no other container uses. Before the
 * record goes. */
int volume_leave(struct engine *engine, const json_t *doc, struct err *e);

/* --- volume_remove.c --- */

/* Who uses which volume: {NAME: [container ids]}. */
int volume_users(struct engine *engine, json_t **ret, struct err *e);
int volume_remove(struct engine *engine, const char *name, struct err *e);
/* With volumes/.lock held, and nobody using it. */
int volume_destroy(struct engine *engine, const char *name, struct err *e);

#endif
