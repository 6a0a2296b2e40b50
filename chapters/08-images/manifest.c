/* Manifests as we write them: the list of what an image is made of. */
#include "store.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* The names of the OCI image specification, "Media Types". */
#define MEDIA "application/vnd.oci.image."

/* uname(2) and the Go language name processors differently. */
const char *store_architecture(void)
{
    static const struct {
        const char *uname, *go;
    } names[] = {
        {"x86_64",  "amd64"  },
        {"aarch64", "arm64"  },
        {"i686",    "386"    },
        {"armv7l",  "arm"    },
        {"riscv64", "riscv64"},
        {"ppc64le", "ppc64le"},
        {"s390x",   "s390x"  },
    };
    struct utsname system;
    uname(&system);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].uname, system.machine) == 0)
            return names[i].go;
    return "unknown";
}

json_t *store_descriptor(const char *media, const char *digest, uint64_t size)
{
    return json_pack("{s:o, s:s, s:I}", "mediaType",
                     json_sprintf(MEDIA "%s", media), "digest", digest, "size",
                     (json_int_t)size);
}

json_t *store_layer(enum layer_compression packed, const char *digest,
                    uint64_t size)
{
    const char *media = "layer.v1.tar";
    if (packed == LAYER_GZIP)
        media = "layer.v1.tar+gzip";
    if (packed == LAYER_ZSTD)
        media = "layer.v1.tar+zstd";
    return store_descriptor(media, digest, size);
}

json_t *store_manifest(const char *config, uint64_t config_size, json_t *layers)
{
    return json_pack("{s:i, s:s, s:o, s:o}", "schemaVersion", 2, "mediaType",
                     MEDIA "manifest.v1+json", "config",
                     store_descriptor("config.v1+json", config, config_size),
                     "layers", layers);
}

/* Now, or when reproducible-builds.org's variable says. */
void store_creation_time(char *out, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds;
    bool is_given = epoch != NULL && text_to_u64(epoch, &seconds) == 0;
    if (is_given)
        now = (struct timespec){.tv_sec = (time_t)seconds};
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    size_t used = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    if (is_given)
        snprintf(out + used, size - used, "Z");
    else
        snprintf(out + used, size - used, ".%09ldZ", now.tv_nsec);
}
