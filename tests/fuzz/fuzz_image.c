/* The documents of the store (chapter 08): names.json, a manifest and a
 * configuration, one part each. Whatever they are, images are found or not. */
// WRAP files_read
#include "files.h"
#include "fuzz.h"
#include "image.h"

#include <errno.h>

static struct {
    char *text;
    size_t len;
} names, manifest, config;
static unsigned int reads;

/* In place of the disk. Blobs are asked for in turn: manifest, configuration.
 */
int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    (void)dirfd;
    if (strcmp(path, "images/names.json") == 0)
        text_addn(out, names.text, names.len);
    else if (text_ends(path, "/size"))
        text_add(out, "18446744073709551615\n");
    else if (reads++ % 2 == 0)
        text_addn(out, manifest.text, manifest.len);
    else
        text_addn(out, config.text, config.len);
    return out->len > 0 ? (int)out->len : err_sys(e, ENOENT, "open %s", path);
}

/* "/root/layers/HEX/diff": no document leads anywhere else. */
static void must_be_layer(const char *path)
{
    static const char before[] = "/root/layers/";
    const char *hex = path + sizeof before - 1;
    fuzz_must(text_starts(path, before));
    fuzz_must(strspn(hex, "0123456789abcdef") == 64);
    fuzz_must(strcmp(hex + 64, "/diff") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *wanted = fuzz_part(&in);
    names.text = fuzz_part_sized(&in, &names.len);
    manifest.text = fuzz_part_sized(&in, &manifest.len);
    config.text = fuzz_part_sized(&in, &config.len);
    const struct image_store store = {.root = -1, .path = (char[]){"/root"}};
    auto_image struct image image = {0};
    auto_image_list struct image_list list = {0};
    struct err e = {0};
    reads = 0;
    int r = image_find(&store, wanted, &image, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r < 0 || json_is_object(image.config));
    for (size_t i = 0; r == 0 && i < image.layers.n; i++)
        must_be_layer(image.layers.v[i]);
    reads = 0;
    e = (struct err){0};
    fuzz_must_say(image_list(&store, true, &list, NULL, &e), &e);
    free(names.text);
    free(manifest.text);
    free(config.text);
    return 0;
}
