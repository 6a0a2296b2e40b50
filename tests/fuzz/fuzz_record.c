/* A container's record and what is made of it (chapter 13): the request and
 * the image's configuration become a document, the document a plan. Files are
 * not written, and profiles have a harness of their own. */
// WRAP files_replace filter_get files_open_in
#include "field.h"
#include "files.h"
#include "filter.h"
#include "fuzz.h"
#include "plan.h"
#include "state.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static char *passwd;

/* waiver: parameters: those of the function it replaces */
int __wrap_files_replace(int dirfd, const char *path, const void *bytes,
                         size_t len, int flags, struct err *e)
{
    (void)dirfd, (void)path, (void)bytes, (void)len, (void)flags, (void)e;
    return 0;
}

int __wrap_filter_get(const char *profile, uint64_t caps, int cache_dir,
                      struct filter *ret, struct err *e)
{
    (void)profile, (void)caps, (void)cache_dir, (void)ret, (void)e;
    return 0;
}

/* /etc/passwd and /etc/group of the image. */
int __wrap_files_open_in(int rootfd, const char *path, int flags, mode_t mode,
                         struct err *e)
{
    (void)rootfd, (void)path, (void)flags, (void)mode, (void)e;
    int fd = memfd_create("passwd", MFD_CLOEXEC);
    fuzz_must(files_write_all(fd, passwd, strlen(passwd)) == 0);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *asked = fuzz_part(&in), *config = fuzz_part(&in);
    passwd = fuzz_part(&in);
    json_auto_t *request = json_loads(asked, 0, NULL);
    struct image image = {.config = json_loads(config, 0, NULL)};
    strv_add(&image.layers, "/");
    if (json_is_object(request)) {
        static char id[] = "0123456789abcdef0123456789abcdef";
        struct engine engine = {.root = id, .rootfd = -1, .runfd = -1};
        json_auto_t *doc = plan_document(request, &image, id, "name");
        fuzz_must(doc != NULL);
        auto_spec struct spec spec = SPEC_INIT;
        struct plan plan = {.engine = &engine,
                            .image = &image,
                            .layers = &image.layers,
                            .doc = doc,
                            .id = id,
                            .dir = "/x",
                            .spec = &spec};
        struct err e = {0};
        fuzz_must_say(plan_make(&plan, &e), &e);
    }
    /* Also a record that was not made by us is shown. */
    auto_free char *status = state_status(request);
    fuzz_must(status != NULL);
    image_done(&image);
    free(passwd);
    return 0;
}
