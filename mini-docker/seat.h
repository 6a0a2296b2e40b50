/*
 * seat.h - how the command line sits in front of a container: which streams
 * are whose, which keys leave it alone. What run, start, attach and exec share.
 */
#ifndef SEAT_H
#define SEAT_H

#include "command.h"

/* Signals and keys, as --sig-proxy (Cli.SigProxy) and --detach-keys
 * (Cli.DetachKeys) in `doc` say. -EINVAL. */
int seat_init(struct engine_seat *ret, const json_t *doc, struct err *e);
/* With a terminal inside, what is typed must come from one. -ENOTTY, in
 * Docker's words. */
int seat_check_input(bool terminal, bool input, struct err *e);
/* With "Tty" in `doc`: the size of our terminal, which that one begins with. */
void seat_put_size(json_t *doc, const char *path);
/* Docker makes an error of it where the keys were typed to attach or exec:
 * -ECANCELED; any other code is returned. */
int seat_check_left(int code, struct err *e);
/* What became of it: an exit status, after telling what could not be cleaned
 * up. */
int seat_result(const struct engine_seat *seat, int code);

#endif
