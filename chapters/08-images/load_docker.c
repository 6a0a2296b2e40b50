/* manifest.json, as `docker save` writes it: a list of images by the paths of
 * their parts. It has no manifests, so they are made (load.h). */
#include "load.h"

#include "media.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int find(const struct load *load, const json_t *path,
                struct member **ret, struct err *e)
{
    const char *name = json_string_value(path);
    if (name == NULL)
        return err_set(e, EBADMSG, "manifest.json is damaged: no path");
    *ret = members_find(&load->members, name);
    return *ret != NULL
               ? 0
               : err_set(e, ENOENT, "open %.120s: no such file or directory",
                         name);
}

static int add_tags(struct load_image *image, const json_t *entry,
                    struct err *e)
{
    size_t i;
    const json_t *tag;
    json_array_foreach(json_object_get(entry, "RepoTags"), i, tag)
    {
        const char *name = json_string_value(tag);
        if (name == NULL)
            return err_set(e, EBADMSG,
                           "manifest.json is damaged: a tag is no "
                           "text");
        int r = load_add_name(image, name, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_layers(struct load *load, struct load_image *image,
                      const json_t *paths, const json_t *config, struct err *e)
{
    size_t i;
    const json_t *path;
    json_array_foreach(paths, i, path)
    {
        struct load_layer layer = {.index = i};
        snprintf(layer.diff_id, sizeof layer.diff_id, "%s",
                 media_diff_id(config, i));
        int r = find(load, path, &layer.member, e);
        if (r == 0)
            r = load_add_layer(load, image, &layer, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_entry(struct load *load, const json_t *entry, struct err *e)
{
    json_auto_t *config = NULL;
    struct member *member = NULL;
    struct load_image *image = NULL;
    const json_t *paths = json_object_get(entry, "Layers");
    int r = find(load, json_object_get(entry, "Config"), &member, e);
    if (r == 0)
        r = members_json(&load->members, member, NULL, &config, e);
    if (r < 0)
        return r;
    if (load->what->platform != NULL &&
        platform_rank(&load->platform, config) == 0)
        return 0;
    r = load_add_image(load, config, json_array_size(paths), &image, e);
    if (r < 0)
        return r;
    image->config = member;
    r = add_layers(load, image, paths, config, e);
    return r < 0 ? r : add_tags(image, entry, e);
}

int load_read_list(struct load *load, struct member *list, struct err *e)
{
    json_auto_t *entries = NULL;
    int r = members_json(&load->members, list, NULL, &entries, e);
    if (r == 0 && !json_is_array(entries))
        return err_set(e, EBADMSG,
                       "invalid manifest, manifest cannot be null "
                       "(but can be [])");
    size_t i;
    const json_t *entry;
    if (r == 0)
        json_array_foreach(entries, i, entry) if (r == 0) r =
            add_entry(load, entry, e);
    return r;
}

/* An archive may be a layout whose descriptors have no names, and say them
 * only here. */
int load_add_names(struct load *load, struct load_image *image, struct err *e)
{
    struct member *list = members_find(&load->members, "manifest.json");
    json_auto_t *entries = NULL;
    int r = list == NULL
                ? 0
                : members_json(&load->members, list, NULL, &entries, e);
    size_t i;
    const json_t *entry;
    if (r == 0)
        json_array_foreach(entries, i, entry)
        {
            const char *path =
                json_string_value(json_object_get(entry, "Config"));
            if (r == 0 && path != NULL &&
                members_find(&load->members, path) == image->config)
                r = add_tags(image, entry, e);
        }
    return r;
}
