/*
 * engine_server.h - the engine for a server, which acts for others.
 *
 * engine.h's functions sit in front of a container themselves, with the
 * caller's own terminal. A server has a client instead, far away, whose
 * requests come one by one and in any order: attach before start, wait before
 * start, start. What it gets is a connection (frame.h) to the container's
 * monitor, and it carries bytes to and fro.
 *
 * Errors: as in engine.h.
 */
#ifndef ENGINE_SERVER_H
#define ENGINE_SERVER_H

#include "engine.h"

/* Be the only server of this state root: a descriptor, for as long as it runs;
 * -EADDRINUSE. */
int engine_server_lock(struct engine *engine, struct err *e);
/* Start what its restart policy wants to run after a boot, or after a server
 * was gone. Of one that cannot be started its own record tells. */
int engine_server_start_again(struct engine *engine, struct err *e);

#endif
