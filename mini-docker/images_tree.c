/* mini-docker images --tree. */
#include "images_tree.h"
#include "command.h"

#include "engine_df.h"
#include "field.h"
#include "own.h"
#include "row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LAST "\xe2\x94\x94\xe2\x94\x80 " /* a branch that turns right */
#define CHECK "\xe2\x9c\x94"

static const char format[] = "%-*s   %-12.12s   %10s   %12s   %s\n";

/* What both lines of an image say alike. */
struct details {
    char usage[16], content[16];
    bool is_used;
};

/* Docker's column is four wide, and what it has is centred. */
static void print_line(int width, const char *name, const char *id,
                       const struct details *d)
{
    printf(format, width, name, id + strlen("sha256:"), d->usage, d->content,
           d->is_used ? " " CHECK "  " : "    ");
}

static const char *text_of(const struct image *image, const char *key)
{
    const char *text = field_string(image->config, key);
    return text != NULL ? text : "";
}

/* The last of its names is on the line that tells of it. */
static void print_image(const struct image *image, const struct strv *names,
                        int width, const struct details *d)
{
    const char *variant = text_of(image, "variant");
    for (size_t i = 0; i + 1 < names->n; i++)
        printf("%-*s\n", width, names->v[i]);
    print_line(width, names->n == 0 ? "<untagged>" : names->v[names->n - 1],
               image->id, d);
    auto_free char *platform = text_format(
        LAST "%s/%s%s%s", text_of(image, "os"), text_of(image, "architecture"),
        variant[0] != '\0' ? "/" : "", variant);
    /* printf(3) counts bytes, and the branch has two characters in six. */
    print_line(width + 4, platform, image->digest, d);
}

static int widest(const struct image_list *images)
{
    size_t width = strlen("   linux/amd64");
    for (size_t i = 0; i < images->n; i++)
        for (size_t n = 0; n < images->v[i].names.n; n++)
            if (strlen(images->v[i].names.v[n]) > width)
                width = strlen(images->v[i].names.v[n]);
    return (int)width;
}

int images_tree_print(struct engine *engine, const struct image_list *images,
                      const struct image_filter *filter, struct err *e)
{
    auto_doc json_t *containers = NULL;
    auto_strv struct strv damaged = {0};
    int r = engine_containers(engine, ENGINE_ALL, &containers, &damaged, e);
    if (r < 0)
        return r;
    int width = widest(images);
    printf("WARNING: This is an experimental feature. The output may change "
           "and shouldn't be depended on.\n");
    printf(format, width, "IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "USED");
    bool is_first = true;
    for (size_t i = 0; i < images->n; i++) {
        const struct image *image = &images->v[i];
        if (!image_filter_fits(filter, image))
            continue;
        uint64_t content = image_content_size(engine_images(engine), image);
        struct details d = {.is_used =
                                engine_df_users(containers, image->id) > 0};
        text_from_bytes(content, d.content);
        text_from_bytes(image->size + content, d.usage);
        auto_strv struct strv names = {0};
        for (size_t n = 0; n < image->names.n; n++)
            if (image_filter_shows(filter, image->names.v[n]))
                strv_add(&names, image->names.v[n]);
        printf("%s", is_first ? "" : "\n");
        print_image(image, &names, width, &d);
        is_first = false;
    }
    return 0;
}
