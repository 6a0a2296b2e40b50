/*
 * place.h - where things lie: the state root, the run directory, our helpers.
 *
 * Chosen from the command line, the environment and who we are, before anything
 * is made or opened; engine_open makes them, doctor_ only looks.
 *
 *     auto_free char *root = place_root(NULL);
 *     auto_free char *run = place_run(root);
 *
 * The caller frees what they return. Only 13-engine includes this.
 */
#ifndef PLACE_H
#define PLACE_H

/* The state root, absolute: `root`, or MINI_DOCKER_ROOT ...; see engine.h. */
char *place_root(const char *root);
/* The run directory that belongs to that state root. */
char *place_run(const char *root);
/* mini-docker-init or mini-docker-web, or NULL: it is not installed. */
char *place_helper(const char *name);
/* `path` itself, or of what is above it the nearest that is there. */
char *place_existing(const char *path);

#endif
