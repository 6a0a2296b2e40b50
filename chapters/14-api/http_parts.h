/*
 * http_parts.h - private to http.c and http_answer.c: what a connection is.
 */
#ifndef HTTP_PARTS_H
#define HTTP_PARTS_H

#include "http.h"

#include <http_parser.h>

enum {
    PIECE = 32 * 1024,     /* read at once */
    HEAD_MOST = 32 * 1024, /* request line and headers */
    HEAD_MS = 30 * 1000,   /* from its first byte to its last */
    IDLE_MS = 600 * 1000,  /* between two requests */
};

struct http {
    int fd;
    http_parser parser;
    struct http_request request;
    struct text target, name, value; /* name, value: the header at hand */
    struct strv headers;             /* "Name=value" */
    struct strv more;                /* for the next answer */
    size_t head_len;
    bool in_value, has_head, has_all; /* how far the request is */
    bool answered, chunked, closes;
    char raw[PIECE]; /* as it came; what is behind the request is kept */
    size_t raw_at, raw_len;
    char body[PIECE]; /* taken out of `raw` */
    size_t body_at, body_len;
};

#endif
