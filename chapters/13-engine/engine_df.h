/*
 * engine_df.h - what takes up space: images, containers, volumes, builds.
 *
 *     json_auto_t *doc = NULL;
 *     int r = engine_df(engine, &doc, NULL, &e);
 *
 * Sizes of containers and volumes mean walking through their files. Errors: as
 * in engine.h.
 */
#ifndef ENGINE_DF_H
#define ENGINE_DF_H

#include "engine.h"

/* As GET /system/df answers: LayersSize, Images, Containers, Volumes,
 * BuildCache. Damaged ones are told as by engine_containers. Caller
 * json_decref()s. */
int engine_df(struct engine *engine, json_t **ret, struct strv *damaged,
              struct err *e);
/* How many of the containers, as engine_containers lists them, were made from
 * the image. */
size_t engine_df_users(const json_t *containers, const char *image_id);

#endif
