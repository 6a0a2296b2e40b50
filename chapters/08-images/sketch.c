/*
 * A content-addressed store in one function, with nothing of ours. SHA-256 is
 * libcrypto's (EVP_DigestInit(3ssl)), which is loaded while running.
 *
 *     sketch FILE...       keep each under its digest in ./store, and say it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

/* The digest of some bytes, as 64 hexadecimal digits. */
static void name_of(const void *bytes, size_t len, char hex[65])
{
    void *crypto = dlopen("libcrypto.so.3", RTLD_NOW);
    must(crypto != NULL, "libcrypto.so.3");
    const void *(*sha256)(void) = dlsym(crypto, "EVP_sha256");
    int (*digest)(const void *bytes, size_t len, unsigned char *ret,
                  unsigned *ret_len, const void *type, void *engine) =
        dlsym(crypto, "EVP_Digest");
    unsigned char sum[32];
    must(sha256 != NULL && digest != NULL &&
             digest(bytes, len, sum, NULL, sha256(), NULL) == 1,
         "sha256");
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/* Keep the file under the digest of its bytes. */
static void keep(const char *path)
{
    struct stat st;
    int in = open(path, O_RDONLY | O_CLOEXEC);
    must(in >= 0 && fstat(in, &st) == 0, path);
    size_t len = (size_t)st.st_size, done = 0;
    const char *bytes =
        len == 0 ? "" : mmap(NULL, len, PROT_READ, MAP_PRIVATE, in, 0);
    must(bytes != MAP_FAILED, path);
    /* 1. Write where nobody looks. */
    char temporary[] = "store/.new-XXXXXX", name[80] = "store/";
    int out = mkostemp(temporary, O_CLOEXEC);
    must(out >= 0, "store");
    while (done < len) {
        ssize_t n = write(out, bytes + done, len - done);
        must(n > 0, "write");
        done += (size_t)n;
    }
    name_of(bytes, len, name + strlen(name));
    /* 2. Its bytes reach the disk before its name does. */
    must(fchmod(out, 0444) == 0 && fsync(out) == 0, "sync");
    /* 3. All or nothing. Whatever has this name already has these bytes. */
    must(rename(temporary, name) == 0, name);
    printf("%s  %s\n", name, path);
    if (len > 0)
        munmap((void *)bytes, len);
    close(in);
    close(out);
}

int main(int argc, char **argv)
{
    mkdir("store", 0755);
    for (int i = 1; i < argc; i++)
        keep(argv[i]);
    return 0;
}
