/*
 * implied.h - directories that a layer has and does not name.
 *
 * A layer's tar may have etc/motd and no entry for etc. What is etc like then?
 * The layers below know, and containerd and umoci, which unpack one layer after
 * the other, leave it as it is there. We unpack each layer once, all at the
 * same time, for whichever image has it; so in the layer such a directory is
 * made with fixed looks (root's, mode 0755, of the beginning of 1970), and
 * noted. overlayfs shows the looks of the uppermost layer that has a directory.
 * Therefore an image that needs it gets a sheet of its own above its layers, of
 * directories alone: those implied ones, with the looks that the next layer
 * below gives them.
 *
 *     layer_extract(source, sink, dir, &stats, &e);  // fills stats.implied
 *     ...
 *     auto_tree struct tree tree = {.has_marks = true};
 *     tree_open(&tree, &layers, &e);                 // the uppermost first
 *     if (implied_make(&tree, lists, sheet, &e) == 1)
 *         ... `sheet` goes above the layers
 *
 * Lists are sorted; "" is the layer's own root. A directory that was made
 * through a symbolic link of the same layer is not listed: it keeps its fixed
 * looks.
 *
 * The caller owns trees, lists and descriptors. Errors are those of tree.h and
 * of the file system. Needs what layer.h needs. Fork-safe.
 */
#ifndef IMPLIED_H
#define IMPLIED_H

#include "err.h"
#include "text.h"
#include "tree.h"

/* Give a directory the times that say "no entry has named me yet": those of an
 * entry are equal to each other, and these are not. They last while a layer is
 * unpacked, when nobody reads it. */
int implied_mark(int dirfd, const char *name, struct err *e);

/* Which of the directories that were noted still have those times, the layer's
 * root among them. Sorted, each once; caller strv_done()s. */
int implied_list(const struct strv *noted, int layer, struct strv *ret,
                 struct err *e);

/* Make the sheet in the empty directory `sheet`: `lists` has one list for each
 * layer of the tree. 1, or 0 where the layers need none: nothing is made then.
 */
int implied_make(const struct tree *tree, const struct strv *lists, int sheet,
                 struct err *e);

#endif
