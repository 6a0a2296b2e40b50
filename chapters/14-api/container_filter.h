/*
 * container_filter.h - which containers are meant: --filter of ps.
 *
 *     id=BEGINNING  name=REGEX  label=KEY[=VALUE]  status=STATE  exited=CODE
 *     ancestor=IMAGE  before=CONTAINER  since=CONTAINER  health=none  network=
 *     volume=NAME or PLACE
 *
 *     auto_container_filter struct container_filter filter = {0};
 *     container_filter_open(&filter, &said, containers, images, &e);
 *     ... container_filter_fits(&filter, i)     // the i-th of `containers`
 *
 * `containers` is what engine_containers gives: newest first, so that "before"
 * another means after it in the list. before= and since= must name one:
 * -ENOENT. Other errors are those of list_filter.h.
 */
#ifndef CONTAINER_FILTER_H
#define CONTAINER_FILTER_H

#include "image.h"
#include "list_filter.h"

struct container_filter {
    const struct strv *said;  /* borrowed */
    const json_t *containers; /* borrowed */
    json_t *known;            /* positions of containers, ids of images */
};
#define auto_container_filter __attribute__((cleanup(container_filter_done)))
void container_filter_done(struct container_filter *filter);

/* What can be refused before anything is read. */
int container_filter_check(const struct strv *said, struct err *e);
int container_filter_open(struct container_filter *ret, const struct strv *said,
                          const json_t *containers,
                          const struct image_store *images, struct err *e);
bool container_filter_fits(const struct container_filter *filter, size_t i);

/* "80", "80/udp", "90-92/tcp". -EINVAL; -EPROTONOSUPPORT, which one is behind
 * the slash. */
struct container_filter_ports {
    uint64_t first, last;
    const char *protocol;
};
int container_filter_read_ports(const char *value,
                                struct container_filter_ports *ret);

#endif
