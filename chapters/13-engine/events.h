/*
 * events.h - private: the journal of what happens to containers, images,
 * volumes and networks.
 *
 * One line for each event, a JSON object as GET /events answers it, in the run
 * directory: RUN/events.json. Whoever changes something writes it down, when
 * it is done; there is no process that all of them would have to tell.
 *
 *     events_of_container(engine, doc, "rename",
 *                         json_pack("{s:s}", "oldName", "/web"));
 *
 * A line is one write(2) to a file that was opened with O_APPEND, which the
 * kernel does as a whole: nobody waits for anybody. A file that has a megabyte
 * becomes RUN/events.json.1, in place of the one that was. flock(2) tells who
 * is about to write from who is about to rename, and neither waits for the
 * other. A torn line (SIGKILL, a full disk) is no event to readers, and who
 * comes next begins a new line.
 *
 * Nothing here fails: an event that cannot be written is lost, and what it
 * would have told of has happened all the same. Works inside a user namespace
 * of ours and in keepers. Only 13-engine includes this.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "record.h"

#define EVENTS_FILE "events.json"

/* `more` attributes, beside its labels, image and name, are taken; NULL: none.
 * `doc` is the container's record; NULL: it had none that could be read, and
 * nothing is written. */
void events_of_container(const struct engine *engine, const json_t *doc,
                         const char *action, json_t *more);
/* It has ended, after so many seconds. */
void events_died(const struct engine *engine, const json_t *doc, int code,
                 int64_t seconds);
/* Its volumes: "mount" or "unmount". */
void events_of_mounts(const struct engine *engine, const json_t *doc,
                      const char *action);
void events_of_volume(const struct engine *engine, const char *name,
                      const char *action, json_t *more);
void events_of_network(const struct engine *engine, const json_t *network,
                       const char *action, json_t *more);
/* As image_store.tell wants it; `arg` is the engine. */
void events_of_image(void *arg, const struct image_event *event);
/* Things of a type were removed, all that nobody needed: so many bytes. */
void events_pruned(const struct engine *engine, const char *type,
                   uint64_t bytes);

#endif
