/*
 * filesum.h - the digest of a file's content, remembered for as long as nobody
 * touched the file.
 *
 * A build asks for the same digests again and again: those of all files that
 * COPY takes. Reading five thousand files takes a second, asking the kernel
 * for their state a few milliseconds. So a table says what each was when it was
 * read: device, inode, size, time of change and of the inode's change (stat(2),
 * st_ctim, which no program can set back). While these are the same, so is the
 * content. A file that was changed shortly before it was read could be changed
 * once more within the clock's tick and show nothing: it is not remembered
 * (git calls such entries racy).
 *
 *     auto_filesum struct filesum *sums = filesum_open(root, "cache/files/X");
 *     filesum_get(sums, &tree, entry.range.first, path, &entry.st, sum, &e);
 *     filesum_save(sums);
 *
 * The table is a cache: where it is missing or damaged, files are read. `root`
 * is borrowed. One thread; several processes may use one table: who saves adds
 * to what others saved meanwhile, with the directory locked (flock(2)).
 */
#ifndef FILESUM_H
#define FILESUM_H

#include "err.h"
#include "tree.h"

#include <sys/stat.h>

enum { FILESUM_SIZE = 32 };

struct filesum;
struct filesum *filesum_open(int root, const char *path);
/* SHA-256 of the regular file `path` of a layer, whose state is `st`. */
/* waiver: parameters: where the file is, what it is, and the result */
int filesum_get(struct filesum *sums, const struct tree *tree, size_t layer,
                const char *path, const struct stat *st,
                unsigned char ret[FILESUM_SIZE], struct err *e);
/* How many were read so far, and not remembered. */
size_t filesum_reads(const struct filesum *sums);
/* Write the table if there is anything new in it. What fails is no loss. */
void filesum_save(struct filesum *sums);
#define auto_filesum __attribute__((cleanup(filesum_close)))
void filesum_close(struct filesum **sums);

#endif
