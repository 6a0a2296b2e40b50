/*
 * transfer.h - what goes on between a registry and us, as Docker shows it: a
 * line for each layer, which changes on a terminal and is printed once
 * elsewhere.
 *
 *     latest: Pulling from library/busybox
 *     5f70bf18a086: Downloading [=====>        ]  12.3MB/45MB
 *
 *     auto_progress struct progress lines = {.is_shown = true};
 *     struct pull what = {.tell = transfer_tell, .arg = &lines, ...};
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "command.h"
#include "progress.h"
#include "pull.h"
#include "ref.h"

/* As pull.h calls it; `arg` is a struct progress, whose is_shown says whether
 * anything is. */
void transfer_tell(void *arg, const struct pull_event *event);

/* What pull and push are about: their operand, with "latest" said where that is
 * what it means; a tag beside --all-tags is refused. */
int transfer_begin(const struct call *call, struct ref *ret, struct err *e);

#endif
