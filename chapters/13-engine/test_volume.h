/*
 * test_volume.h - for tests: volumes, an image to fill them from, and calls
 * that are struck at the n-th system call.
 */
#ifndef TEST_VOLUME_H
#define TEST_VOLUME_H

#include "test_store.h"

#include "fault.h"
#include "volume.h"

#define IMAGE SCRATCH "/image"

static inline json_t *request_of(const char *name)
{
    return json_pack("{s:s?}", "Name", name);
}

static inline void create(struct engine *engine, const char *name)
{
    json_t *request = request_of(name);
    must(volume_create(engine, request, NULL, &why));
    json_decref(request);
}

/* A container's document with one volume at /data: `source` NULL for one that
 * nobody named. */
static inline json_t *document_with(const char *id, const char *name,
                                    const char *source)
{
    return json_pack("{s:s, s:[{s:s, s:s, s:s, s:b, s:{s:s?}}], s:{s:b}}", "Id",
                     id, "Mounts", "Type", "volume", "Name", name,
                     "Destination", "/data", "RW", 1, "Spec", "Source", source,
                     "HostConfig", "AutoRemove", 0);
}

static inline size_t count(struct engine *engine)
{
    auto_strv struct strv names = {0};
    must(volume_names(engine, &names, &why));
    return names.n;
}

/* An image's directory with three files. */
static inline void make_image(void)
{
    must(files_mkdirs(AT_FDCWD, IMAGE "/data/sub", 0755, &why));
    static const char *const files[] = {"a", "b", "sub/c"};
    for (size_t i = 0; i < 3; i++) {
        auto_free char *path = text_format(IMAGE "/data/%s", files[i]);
        must(files_replace(AT_FDCWD, path, "whole", 5, 0, &why));
    }
    ck_assert_int_eq(chmod(IMAGE "/data", 0711), 0);
}

static inline void is_whole(const char *data)
{
    static const char *const files[] = {"a", "b", "sub/c"};
    for (size_t i = 0; i < 3; i++) {
        auto_text struct text content = {0};
        auto_free char *path = text_format("%s/%s", data, files[i]);
        must(files_read(AT_FDCWD, path, &content, &why));
        ck_assert_str_eq(content.s, "whole");
    }
    struct stat st;
    ck_assert_int_eq(stat(data, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0711);
}

/* In a process of its own, with the n-th call failing or killing. */
static inline int strike(int (*act)(struct engine *engine), int n,
                         const char *how)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct engine *engine = store_open();
        auto_free char *wish = text_format("*:%d:%s", n, how);
        if (fault_open(wish, NULL) < 0)
            _exit(100);
        _exit(act(engine) < 0 ? 1 : 0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Nothing is below volumes/ but these volumes and the lock. */
static inline void nothing_else(struct engine *engine, size_t n)
{
    auto_fd int lock = volume_lock(engine, &why);
    ck_assert_int_ge(lock, 0);
    auto_free char *path = text_format("%s/volumes", engine->root);
    auto_dir DIR *dir = opendir(path);
    size_t seen = 0;
    while (readdir(dir) != NULL)
        seen++;
    ck_assert_uint_eq(seen, n + 3); /* ".", "..", ".lock" */
}

static inline int act_create(struct engine *engine)
{
    json_t *request = request_of("data");
    int r = volume_create(engine, request, NULL, &why);
    json_decref(request);
    return r;
}

static inline int act_remove(struct engine *engine)
{
    return volume_remove(engine, "data", &why);
}

/* What follows is about making and filling: removing is another's subject. */
static inline void take_away(struct engine *engine)
{
    auto_fd int lock = volume_lock(engine, &why);
    must(lock);
    must(volume_destroy(engine, "data", &why));
}

static inline int act_fill(struct engine *engine)
{
    json_t *doc = document_with("x", "data", "data");
    int r = volume_fill(engine, doc, IMAGE, &why);
    json_decref(doc);
    return r;
}

#endif
