/* What manifests and indexes say, and which of it can be taken (media.h). */
#include "media.h"

#include "digest.h"
#include "text.h"

#include <errno.h>
#include <string.h>

enum { MOST_LAYERS = 512 };

const char *media_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

enum media_kind media_kind(const char *media)
{
    static const struct {
        const char *media;
        enum media_kind kind;
    } known[] = {
        {"application/vnd.oci.image.manifest.v1+json",                MEDIA_MANIFEST},
        {"application/vnd.docker.distribution.manifest.v2+json",
         MEDIA_MANIFEST                                                             },
        {"application/vnd.oci.image.index.v1+json",                   MEDIA_INDEX   },
        {"application/vnd.docker.distribution.manifest.list.v2+json",
         MEDIA_INDEX                                                                },
        {"application/vnd.oci.image.config.v1+json",                  MEDIA_CONFIG  },
        {"application/vnd.docker.container.image.v1+json",            MEDIA_CONFIG  },
        {"application/octet-stream",                                  MEDIA_CONFIG  },
        {"application/vnd.oci.image.layer.v1.tar",                    MEDIA_LAYER   },
        {"application/vnd.oci.image.layer.v1.tar+gzip",               MEDIA_LAYER   },
        {"application/vnd.oci.image.layer.v1.tar+zstd",               MEDIA_LAYER   },
        {"application/vnd.docker.image.rootfs.diff.tar",              MEDIA_LAYER   },
        {"application/vnd.docker.image.rootfs.diff.tar.gzip",         MEDIA_LAYER   },
        {"application/vnd.docker.image.rootfs.diff.tar.zstd",         MEDIA_LAYER   },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].media, media) == 0)
            return known[i].kind;
    return MEDIA_OTHER;
}

/* Why a layer of this media type cannot be taken; NULL: it can. */
static const char *refusal(const char *media)
{
    if (media_kind(media) == MEDIA_LAYER)
        return NULL;
    if (strstr(media, "foreign") != NULL ||
        strstr(media, "nondistributable") != NULL)
        return "is a foreign layer, which its archive does not carry";
    if (strstr(media, "+encrypted") != NULL)
        return "is encrypted";
    return "is no layer";
}

int media_check_layer(const json_t *descriptor, struct err *e)
{
    const char *digest = media_text(descriptor, "digest");
    const char *media = media_text(descriptor, "mediaType");
    const char *why = refusal(media);
    if (why != NULL)
        return err_set(e, ENOTSUP, "layer %.20s (%.80s) %s", digest, media,
                       why);
    return digest_is_valid(digest)
               ? 0
               : err_set(e, EBADMSG, "invalid digest \"%.80s\"", digest);
}

/* Signatures and proofs of origin hang on a platform that does not exist. */
bool media_is_attached(const json_t *descriptor)
{
    return strcmp(media_text(json_object_get(descriptor, "platform"), "os"),
                  "unknown") == 0 ||
           media_text(json_object_get(descriptor, "annotations"),
                      "vnd.docker.reference.type")[0] != '\0';
}

/* The one of an index that is for the platform. Those without a platform are
 * for any; the first of equals is taken. */
int media_choose(const struct platform *wanted, const json_t *index,
                 const json_t **ret, struct err *e)
{
    int best = -1;
    size_t i;
    const json_t *descriptor;
    json_array_foreach(json_object_get(index, "manifests"), i, descriptor)
    {
        const json_t *platform = json_object_get(descriptor, "platform");
        int rank = platform == NULL ? 0 : platform_rank(wanted, platform) - 1;
        if (media_is_attached(descriptor) || rank < 0 || rank <= best)
            continue;
        best = rank;
        *ret = descriptor;
    }
    return best >= 0 ? 0
                     : err_set(e, ENOENT,
                               "no matching manifest for %s in the manifest "
                               "list entries",
                               platform_show(wanted).s);
}

const char *media_diff_id(const json_t *config, size_t index)
{
    const json_t *ids =
        json_object_get(json_object_get(config, "rootfs"), "diff_ids");
    const char *id = json_string_value(json_array_get(ids, index));
    return id != NULL && digest_is_valid(id) ? id : "";
}

int media_check_config(const json_t *config, size_t layer_count, struct err *e)
{
    const json_t *rootfs = json_object_get(config, "rootfs");
    const char *os = json_string_value(json_object_get(config, "os"));
    if (!json_is_object(rootfs))
        return err_set(e, EBADMSG, "invalid image JSON, no RootFS key");
    if (os != NULL && os[0] != '\0' && strcmp(os, "linux") != 0)
        return err_set(e, EINVAL, "cannot load %.40s image on linux", os);
    size_t ids = json_array_size(json_object_get(rootfs, "diff_ids"));
    if (ids != layer_count)
        return err_set(e, EBADMSG,
                       "invalid manifest, layers length mismatch: expected "
                       "%zu, got %zu",
                       layer_count, ids);
    if (ids > MOST_LAYERS)
        return err_set(e, E2BIG, "max depth exceeded: %zu layers", ids);
    for (size_t i = 0; i < ids; i++)
        if (media_diff_id(config, i)[0] == '\0')
            return err_set(e, EBADMSG,
                           "invalid image JSON, layer %zu has no diff id", i);
    return 0;
}
