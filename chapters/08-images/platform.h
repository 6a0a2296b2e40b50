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
 * -EINVAL, in Docker's words. Owns nothing.
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
/* "linux/arm64/v8", for people. */
struct platform_text {
    char s[76];
};
struct platform_text platform_show(const struct platform *platform);

#endif
