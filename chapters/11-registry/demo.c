/*
 * What chapter 11 adds: images from other machines.
 *
 *     demo STORE pull REFERENCE           as root
 *     demo STORE push REFERENCE
 *     demo tags REPOSITORY
 *
 * STORE is a directory, as in chapter 08's demo, which runs what is pulled.
 */
#include "image.h"
#include "login.h"
#include "manifests.h"
#include "own.h"
#include "pull.h"
#include "push.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void tell(void *arg, const struct pull_event *event)
{
    (void)arg;
    if (event->id != NULL)
        printf("%s: ", event->id);
    printf("%s", event->status);
    if (event->total > 0)
        printf(" %llu of %llu", (unsigned long long)event->done,
               (unsigned long long)event->total);
    printf("\n");
    fflush(stdout);
}

static int list_tags(const struct registry_options *options,
                     const struct ref *ref, struct err *e)
{
    auto_registry struct registry registry = {.options = options};
    auto_strv struct strv tags = {0};
    int r = registry_open(&registry, ref, "pull", e);
    if (r == 0)
        r = manifests_tags(&registry, &tags, e);
    for (size_t i = 0; i < tags.n; i++)
        printf("%s\n", tags.v[i]);
    return r;
}

/* argv: [STORE] VERB REFERENCE. */
static int act(char **argv, const struct registry_options *options,
               const struct ref *ref, struct err *e)
{
    auto_image_store struct image_store store = {.root = -1};
    if (strcmp(argv[1], "tags") == 0)
        return list_tags(options, ref, e);
    int r = image_store_open(&store, argv[1], e);
    if (r < 0)
        return r;
    const struct pull pull = {
        .name = argv[3], .options = options, .tell = tell};
    const struct push push = {
        .name = argv[3], .options = options, .tell = tell};
    return strcmp(argv[2], "pull") == 0 ? pull_image(&store, &pull, e)
                                        : push_image(&store, &push, e);
}

int main(int argc, char **argv)
{
    auto_ref struct ref ref = {0};
    auto_registry_account struct registry_account account = {0};
    struct err e = {0};
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = '\0';
    if (argc < 3) {
        fprintf(stderr, "usage: demo [STORE] pull|push|tags REFERENCE\n");
        return 1;
    }
    /* It lies beside us. */
    auto_free char *program = text_format(
        "%.*s/mini-docker-web", (int)(strrchr(self, '/') - self), self);
    const struct registry_options options = {.program = program,
                                             .account = &account};
    int r = ref_parse(argv[argc - 1], &ref, &e);
    if (r == 0)
        r = login_find(ref.domain, &account, &e);
    if (r >= 0)
        r = act(argv, &options, &ref, &e);
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0;
}
