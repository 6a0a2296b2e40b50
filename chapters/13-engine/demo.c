/*
 * What chapter 13 adds: containers that are remembered, from documents.
 *
 *     demo IMAGE COMMAND [ARG...]     as root; IMAGE as in `mini-docker images`
 *
 * It does what `mini-docker run --network none IMAGE COMMAND` does, with the
 * request that this makes, and shows what is remembered before it is removed.
 * MINI_DOCKER_TRACE=steps tells both tables of steps.
 */
#include "engine.h"
#include "own.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The body of POST /containers/create. */
static json_t *request(char **argv)
{
    json_t *command = json_array();
    for (char **arg = argv + 2; *arg != NULL; arg++)
        json_array_append_new(command, json_string(*arg));
    return json_pack("{s:s, s:o, s:{s:s, s:I, s:i}}", "Image", argv[1], "Cmd",
                     command, "HostConfig", "NetworkMode", "none", "Memory",
                     (json_int_t)64 << 20, "PidsLimit", 50);
}

static void print(const char *title, const json_t *value)
{
    printf("%s ", title);
    json_dumpf(value, stdout, JSON_INDENT(2));
    printf("\n");
}

/* GET /containers/json, of which `name` is one. */
static int show(struct engine *engine, const char *name, struct err *e)
{
    json_t *list = NULL;
    int r = engine_containers(engine, ENGINE_ALL, &list, NULL, e);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *names = json_object_get(json_array_get(list, i), "Names");
        const char *first = json_string_value(json_array_get(names, 0));
        if (first != NULL && strcmp(first + 1, name) == 0)
            print("2. What is remembered:", json_array_get(list, i));
    }
    json_decref(list);
    return r;
}

static int run(struct engine *engine, char **argv, struct err *e)
{
    auto_free char *name = text_format("demo-%d", (int)getpid());
    struct engine_create order = {.document = request(argv), .name = name};
    struct engine_seat seat = {.output = true, .error = true};
    char id[ENGINE_ID_SIZE];
    print("1. The request:", order.document);
    fflush(stdout);
    int code = engine_run(engine, &order, &seat, id, e);
    json_decref(order.document);
    if (code < 0)
        return code;
    printf("   exit code %d\n", code);
    int r = show(engine, name, e);
    int removed = engine_remove(engine, name, false, r < 0 ? NULL : e);
    return r < 0 ? r : removed < 0 ? removed : code;
}

int main(int argc, char **argv)
{
    struct err e;
    struct engine *engine = NULL;
    if (argc < 3) {
        fprintf(stderr, "usage: demo IMAGE COMMAND [ARG...]\n");
        return 2;
    }
    int r = trace_open(getenv("MINI_DOCKER_TRACE"), &e);
    if (r == 0)
        r = engine_open(&engine, NULL, &e);
    if (r == 0)
        r = run(engine, argv, &e);
    engine_close(engine);
    trace_close();
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? engine_exit_code(&e) : r;
}
