/*
 * roster.h - what lists tell of containers, kept where one read(2) has all of
 * it.
 *
 * A thousand records are a thousand files to open and three megabytes of JSON
 * to understand, of which a list shows a tenth. ROOT/cache/containers/list has
 * that tenth: a line for each container, and in it the stamp (stamp.h) of the
 * record that it was taken from. A record is replaced and never written to; so
 * one look at it (fstatat(2)) tells whether the line is true. Whether somebody
 * takes care of the container is no part of it, and is asked of the lock, as
 * ever.
 *
 *     auto_roster struct roster *roster = roster_open(engine, ids.n, false);
 *     roster_load(roster, ids.v[i], is_present, &record, &e);    for each
 *     roster_save(roster, true);
 *
 * It is a cache: readers write it, when enough is new. Its first line is the
 * digest of the others, so it is there as it was written or not at all, and
 * where it is not, records are read. It holds nothing that must be removed
 * with a container. Two who save at once: one does not. Nothing of this can
 * fail but reading a record.
 *
 * Only 13-engine includes this.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include "record.h"
#include "stamp.h"

struct roster;

/* `n`: how many will be asked for. For a few it is not worth reading. Without
 * `with_networks`, NetworkSettings.Networks need not be in a document. `engine`
 * is borrowed. */
struct roster *roster_open(struct engine *engine, size_t n, bool with_networks);
#define auto_roster __attribute__((cleanup(roster_close)))
void roster_close(struct roster **roster);

/* As record_load, or for one that is not `is_present`, which had no run
 * directory a moment ago, as record_load_kept; but the document has those
 * members alone that a list shows. */
int roster_load(struct roster *roster, const char *id, bool is_present,
                struct record *ret, struct err *e);

/* `is_whole`: who was not asked for is not there any more. */
void roster_save(struct roster *roster, bool is_whole);

/* The stamp of the document that would be read for ret->id; and, in
 * ret->passing, which of two that is. */
void roster_stamp(struct engine *engine, bool is_present, struct record *ret,
                  struct stamp *ret_stamp);

#endif
