/*
 * platform.h - which machine an image is for: "linux/arm64/v8".
 *
 * The words are those of Go (GOOS, GOARCH), as the OCI image specification
 * wants them in image indexes and configurations ("Image Index", platform).
 *
 *     struct platform wanted;
 *     if (platform_parse("linux/arm64", &wanted, &e) < 0) ...
 *     if (platform_rank(&wanted, descriptor_platform) > best) ...
 *
 * -EINVAL, -ENOENT, in Docker's words. Owns nothing.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "err.h"

#include <jansson.h>

struct platform {
    char os[24], architecture[24], variant[24]; /* "" is any */
};

/* "os[/arch[/variant]]", or a processor alone, also as uname(2) names it. */
int platform_parse(const char *text, struct platform *ret, struct err *e);
/* This machine. */
void platform_host(struct platform *ret);
/* How well what `object` says (os, architecture, variant) fits: 0 not at all;
 * an equal variant is worth more than another one. */
int platform_rank(const struct platform *wanted, const json_t *object);
/* Is the image of this configuration for the platform `text` ("linux/arm64";
 * NULL: any)? -ENOENT where not; `name` is what it was asked for by. */
int platform_check(const json_t *config, const char *name, const char *text,
                   struct err *e);
/* "linux/arm/v7", for people: as Docker writes it, arm64 is v8 unless it says
 * otherwise. */
struct platform_text {
    char s[76];
};
struct platform_text platform_show(const struct platform *platform);

#endif
