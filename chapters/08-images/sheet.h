/*
 * sheet.h - private to this chapter: what an image adds to its layers.
 *
 * A layer is unpacked once for all images that have it, so it cannot hold what
 * depends on the layers below: the looks of directories that its tar implies
 * (implied.h). Beside each layer lies the list of those,
 * ROOT/layers/HEX/implied, each path ended by a zero; and an image that needs
 * it has a sheet of directories above its layers, ROOT/layers/ID/diff, ID being
 * its own. It goes when the image goes, as a layer that nobody else has.
 */
#ifndef SHEET_H
#define SHEET_H

#include "stage.h"
#include "store.h"

/* Write the list of the layer NAME of the stage; none where it is empty. */
int sheet_note(const struct stage *stage, const char *name,
               const struct strv *implied, struct err *e);

/* Make the sheet of an image whose documents and layers are in their places
 * already, if it needs one, and put it in its own. The lock is held. */
int sheet_put(const struct image_store *store, const struct stage *stage,
              const char *manifest, struct err *e);

#endif
