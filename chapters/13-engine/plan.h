/*
 * plan.h - from an API document and an image to a struct spec.
 *
 * What the daemon of Docker decides: which defaults hold where the document
 * says nothing, and what each of its members means for the kernel. Everything
 * that can be refused is refused here, before anything exists.
 *
 * Only 13-engine includes this.
 */
#ifndef PLAN_H
#define PLAN_H

#include "image.h"
#include "log.h"
#include "record.h"
#include "spec.h"

struct plan {
    struct engine *engine;
    const struct image *image;
    const struct strv *layers; /* whose files name users, top first */
    json_t *doc;               /* a record's document; Mounts is added to it */
    const char *id;
    const char *dir;   /* where hosts, hostname and resolv.conf lie */
    struct spec *spec; /* what is being filled in */
    bool privileged;
    bool is_wired;                      /* it is in networks: wiring.h */
    char network_of[RECORD_ID_LEN + 1]; /* whose network it shares; "" */
    /* Set where the plan is without what is not running yet; NULL: that is an
     * error. */
    bool *waits;
};

/* A record's document (Id, Name, Config, HostConfig ...) from the body of POST
 * /containers/create and the image's own configuration. New reference. */
json_t *plan_document(const json_t *request, const struct image *image,
                      const char *id, const char *name);

/* What a Config does not say is as in `base`, of which maps and variables are
 * added. */
void plan_merge_config(json_t *config, const json_t *base);

/* A record's Mounts as others see them, without what only we know: Spec. New
 * reference. */
json_t *plan_shown_mounts(const json_t *doc);

/* Put into a HostConfig which paths are hidden and cannot be written to. */
void plan_show_paths(json_t *host);

/* Does the document limit anything that a control group would have to hold? */
bool plan_has_limits(const json_t *doc);

/* Tell what a container is without by the steps that it skips. */
void plan_tell_skipped(const json_t *doc, void (*warn)(const char *line));

/* Whether what it prints is kept, and how. -EINVAL in Docker's words. */
int plan_log_options(const json_t *doc, bool *ret_kept, struct log_options *ret,
                     struct err *e);

/* Fill plan->spec; the caller releases it also on error. */
int plan_make(struct plan *plan, struct err *e);

/* The parts, in the order plan_make calls them. */
int plan_process(struct plan *plan, struct err *e);
int plan_namespaces(struct plan *plan, struct err *e);
/* The document's Mounts, unless it has them: plan_points.c. */
int plan_points(struct plan *plan, struct err *e);
int plan_mounts(struct plan *plan, struct err *e);
/* plan_etc.c: hosts, hostname and resolv.conf. */
int plan_etc(struct plan *plan, struct err *e);
/* plan_image.c: one of the document's Mounts, of the type "image". */
int plan_add_image(struct plan *plan, const json_t *point, struct err *e);
int plan_devices(struct plan *plan, struct err *e);
int plan_limits(struct plan *plan, struct err *e);
int plan_cpusets(struct plan *plan, struct err *e);
int plan_security(struct plan *plan, struct err *e);
int plan_log(struct plan *plan, struct err *e);
/* plan_skipped.c: which steps are left out. */
int plan_skipped(struct plan *plan, struct err *e);
/* The last: missing sources of -v become directories, as the user's own are
 * made only when nothing else is left to be refused. */
int plan_sources(struct plan *plan, struct err *e);

#endif
