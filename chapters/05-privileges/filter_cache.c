/*
 * Compiled filters, kept as files of a directory:
 *
 *     seccomp-<key>.bpf     struct head, then the instructions
 *
 * The key is a number made from everything the program depends on, so a file
 * is never out of date; it is only not asked for any more. The directory
 * belongs to the runtime: whoever can write there needs no trick with hashes.
 */
#include "filter_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last letter counts versions of this format and of the compiler. */
#define MAGIC "MDFILT02"

struct head {
    char magic[8];
    uint64_t key, checksum; /* of all that follows */
    uint64_t n, flags, notifies;
};
#define SUMMED offsetof(struct head, n)

/* FNV-1a: a hash of four lines. It need not resist an enemy, only accidents. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
static uint64_t hash(uint64_t h, const void *bytes, size_t len)
{
    const unsigned char *next = bytes;
    for (size_t i = 0; i < len; i++)
        h = (h ^ next[i]) * UINT64_C(0x100000001b3);
    return h;
}

uint64_t filter_cache_key(const struct filter_source *source)
{
    const struct scmp_version *library = seccomp_version();
    const uint64_t numbers[] = {
        source->caps,          library->major, library->minor, library->micro,
        seccomp_arch_native(), source->oci,    source->len};
    uint64_t h = hash(HASH_START, MAGIC, sizeof MAGIC);
    h = hash(h, numbers, sizeof numbers);
    h = hash(h, source->release, strlen(source->release) + 1);
    return hash(h, source->text, source->len);
}

static void name_file(uint64_t key, char out[32])
{
    snprintf(out, 32, "seccomp-%016llx.bpf", (unsigned long long)key);
}

/* `bytes` begin with a head. */
static uint64_t checksum(const void *bytes, size_t size)
{
    return hash(HASH_START, (const char *)bytes + SUMMED, size - SUMMED);
}

static bool is_whole(const struct head *head, uint64_t key, size_t size)
{
    return size > sizeof *head && head->n <= BPF_MAXINSNS &&
           size == sizeof *head + head->n * sizeof(struct sock_filter) &&
           memcmp(head->magic, MAGIC, sizeof head->magic) == 0 &&
           head->key == key && head->checksum == checksum(head, size);
}

int filter_cache_load(int dir, uint64_t key, struct filter *ret)
{
    char name[32];
    name_file(key, name);
    auto_fd int fd =
        sys_openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0 ||
        st.st_size <= (off_t)sizeof(struct head))
        return -ENOENT;
    size_t size = (size_t)st.st_size;
    if (size > sizeof(struct head) + BPF_MAXINSNS * sizeof(struct sock_filter))
        return -ENOENT;
    auto_free struct head *head = own_room(size);
    if (read(fd, head, size) != st.st_size || !is_whole(head, key, size))
        return -ENOENT;
    /* The head has done its work: what follows it is the program. */
    ret->n = head->n;
    ret->flags = (unsigned int)head->flags;
    ret->notifies = head->notifies != 0;
    memmove(head, head + 1, size - sizeof *head);
    ret->code = own_take(&head);
    return 0;
}

int filter_cache_store(int dir, uint64_t key, const struct filter *filter,
                       struct err *e)
{
    char name[32];
    name_file(key, name);
    struct head head = {
        .magic = MAGIC,
        .key = key,
        .n = filter->n,
        .flags = filter->flags,
        .notifies = filter->notifies,
    };
    auto_text struct text file = {0};
    text_addn(&file, &head, sizeof head);
    text_addn(&file, filter->code, filter->n * sizeof *filter->code);
    head.checksum = checksum(file.s, file.len);
    memcpy(file.s, &head, sizeof head);
    return files_replace(dir, name, file.s, file.len, 0, e);
}
