/*
 * engine.h - one library that composes the chapters: containers with names,
 * made from images, remembered on disk.
 *
 * Requests and answers are the documents of the Docker Engine API (jansson
 * objects): a container is created from the body of POST /containers/create
 * and listed in the shape of GET /containers/json. So the command line, which
 * calls this library in its own process, and a REST server later, which would
 * call it for others, are two doors to one engine.
 *
 *     struct engine *engine;
 *     engine_open(&engine, NULL, &e);
 *     struct engine_create order = {.document = doc, .name = "web"};
 *     struct engine_seat seat = {.output = true, .error = true};
 *     char id[ENGINE_ID_SIZE];
 *     int code = engine_run(engine, &order, &seat, id, &e);
 *     if (code < 0)
 *         code = engine_exit_code(&e);
 *     engine_close(engine);
 *
 * Below the state root:
 *     containers/ID/config.json   the documents, Docker's keys
 *     containers/ID/diff, work    the writable layer
 *     volumes/NAME/_data          what outlives containers (volume.h)
 *     networks/NAME.json          what they are plugged into (network.h)
 *     mountpoints/                a layer below every image: /proc, /dev ...
 *     images/ layers/ cache/ tmp/
 * Below the run directory (tmpfs; gone after a reboot):
 *     names/NAME -> ID   symbolic links: creating one is the lock
 *     ID/lock            held with flock(2) by the container's owner
 *     ID/state           pid and start time of its first process
 *     ID/root            where its file system is mounted, for itself alone
 *     ID/wiring.json     addresses and ports that it holds (wiring.h)
 *     networks/ID/       who is in a network
 *     events.json        the journal of what happened; events.json.1 before it
 *
 * A record whose lock nobody holds has lost its owner: whoever meets it first
 * finishes what the owner could not (engine_sweep).
 *
 * Errors: -errno, and messages in Docker's words. Not for use by two threads.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "attach.h"
#include "engine_build.h"
#include "err.h"
#include "image.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>

struct engine;

/* Open (and lay out) the state root: `root`, or MINI_DOCKER_ROOT, or
 * /var/lib/mini-docker for root and $XDG_DATA_HOME/mini-docker for others.
 * Cheap: nothing is read. engine_close frees; NULL is fine. */
int engine_open(struct engine **ret, const char *root, struct err *e);
void engine_close(struct engine *engine);

/* Be root over what containers and images hold. An ordinary user moves into a
 * user namespace of his own for it (rootless.h) and cannot go back; for root
 * nothing happens. Called by whatever changes them; again is fine. One thread.
 * -EPERM and others of rootless_check. */
int engine_enter(struct engine *engine, struct err *e);

/* Exit codes of the command line for an error of engine_run: 127 where the
 * command was not found, 126 where it could not be executed, else 125. */
int engine_exit_code(const struct err *e);

/* An id, 64 hexadecimal digits and the end. */
enum { ENGINE_ID_SIZE = 65 };

struct engine_create {
    json_t *document;    /* body of POST /containers/create; borrowed */
    const char *name;    /* NULL: one is made up */
    const char *cidfile; /* NULL, or where to write the full id */
    /* -ENOENT if the image is for another one; NULL: any will do. */
    const char *platform;
    /* Called with a line that the user should see before the start: limits
     * that cannot be held ... May be NULL. */
    void (*warn)(const char *line);
    bool is_step; /* of a build: volumes that its image names are none */
};

/* Where the caller sits while a container runs: in front of which of its
 * streams, with our standard streams at the other end. */
struct engine_seat {
    bool input, output, error;
    bool signals; /* pass ours on, if it has no terminal */
    struct attach_keys keys;
    struct err unclean; /* result: what could not be cleaned up; code 0:
                           nothing. The next sweep tries again. */
};
/* In place of an exit code: the keys were typed, it runs on. */
enum { ENGINE_DETACHED = 1000 };

/* docker create. Who starts it later is told its id. */
int engine_create(struct engine *engine, const struct engine_create *order,
                  char ret_id[ENGINE_ID_SIZE], struct err *e);
/* docker run: create and start. A process of its own, the monitor, stays with
 * the container: it outlives the caller, writes the log, knows the restart
 * policy, and is told what to do by the functions below. With a seat: the
 * container's exit code 0..255, whatever became of the cleaning up, or
 * ENGINE_DETACHED. Without: 0 as soon as its program runs. -errno where it
 * could not be started; it is there then, and `inspect` tells why. */
int engine_run(struct engine *engine, const struct engine_create *order,
               struct engine_seat *seat, char ret_id[ENGINE_ID_SIZE],
               struct err *e);
/* docker start; what runs already is success. */
int engine_start(struct engine *engine, const char *name,
                 struct engine_seat *seat, struct err *e);
/* Lines for who starts it: what it is without by the steps that it skips. */
void engine_tell_skipped(struct engine *engine, const char *name,
                         void (*warn)(const char *line));
/* docker attach. -ESRCH: it does not run. */
int engine_attach(struct engine *engine, const char *name,
                  struct engine_seat *seat, struct err *e);

/* docker exec: one more process; `request` is the body of POST
 * /containers/NAME/exec (Cmd, Env, User, WorkingDir, Tty, Privileged). Results
 * as of engine_run. -ESRCH: the container does not run. */
int engine_exec(struct engine *engine, const char *name, const json_t *request,
                struct engine_seat *seat, struct err *e);

/* docker stop: its stop signal, then SIGKILL; returns when it has ended and
 * all is written down. What does not run is success. */
struct engine_stop {
    const char *signal; /* NULL: the container's own, or SIGTERM */
    bool has_timeout;   /* else the container's own, or 10 */
    int64_t timeout_s;  /* < 0: wait for ever */
    bool for_removal;   /* and so no event of its own */
};
int engine_stop(struct engine *engine, const char *name,
                const struct engine_stop *how, struct err *e);
int engine_restart(struct engine *engine, const char *name,
                   const struct engine_stop *how, struct err *e);
/* docker kill, pause and unpause. -ESRCH: it does not run. */
int engine_kill(struct engine *engine, const char *name, int signal,
                struct err *e);
int engine_pause(struct engine *engine, const char *name, bool pause,
                 struct err *e);
/* docker wait: the exit code. `condition` is the API's: "not-running",
 * "next-exit", "removed". */
int engine_wait(struct engine *engine, const char *name, const char *condition,
                struct err *e);
/* docker rename; docker update, whose `host` holds HostConfig's members that
 * change. */
int engine_rename(struct engine *engine, const char *name, const char *to,
                  struct err *e);
int engine_update(struct engine *engine, const char *name, const json_t *host,
                  struct err *e);

/* The containers that run, paused and restarting ones among them, newest first:
 * an array as GET /containers/json answers. Those that do not run cost nothing
 * if they are not asked for. Caller json_decref()s. A document that cannot be
 * read disturbs no other: why is added to `damaged`, which may be NULL. */
enum {
    ENGINE_ALL = 1,      /* and those that do not run */
    ENGINE_NETWORKS = 2, /* with NetworkSettings, a third of the work */
};
int engine_containers(struct engine *engine, int flags, json_t **ret,
                      struct strv *damaged, struct err *e);

/* One container, as GET /containers/NAME/json answers; with_size adds SizeRw
 * and SizeRootFs, which means walking through its files. -ENOENT: there is
 * none. Caller json_decref()s. */
int engine_inspect(struct engine *engine, const char *name, bool with_size,
                   json_t **ret, struct err *e);
/* The same for an image, as GET /images/NAME/json answers; image_find_for has
 * `platform`. */
int engine_image_inspect(struct engine *engine, const char *name,
                         const char *platform, json_t **ret, struct err *e);

/* docker top: what the host's ps(1) tells of the container's processes, as GET
 * /containers/NAME/top answers: Titles, and an array of strings for each in
 * Processes. `options` are ps's; none: "-ef". -ESRCH: it does not run; -ENOENT:
 * there is no ps, or no such container; -EINVAL: ps refuses them, or shows no
 * pids with them. */
int engine_top(struct engine *engine, const char *name,
               const struct strv *options, json_t **ret, struct err *e);

/* docker stats: what a container uses at this moment, as GET
 * /containers/NAME/stats?one-shot=1 answers: id, name, read, cpu_stats,
 * memory_stats, pids_stats, blkio_stats, networks. All is 0 of one that does
 * not run. What nobody counts, for want of a control group or of one of its
 * controllers, is not there. -ENOENT. */
int engine_stats(struct engine *engine, const char *name, json_t **ret,
                 struct err *e);

/* docker logs: where a container's log is, for log_read (log.h). With `follow`,
 * stop_fd becomes readable, or is closed, when it has ended and all that it
 * printed is written; -1: it does not run, and nothing more will come. -ENOENT:
 * there is no such container; -EOPNOTSUPP: it keeps no log. engine_log_close
 * may be called in any case and again. */
struct engine_log {
    int dirfd;
    char *name;
    int stop_fd;
};
int engine_log_open(struct engine *engine, const char *name, bool follow,
                    struct engine_log *ret, struct err *e);
void engine_log_close(struct engine_log *log);

/* docker events: what happened to containers, images and volumes, as GET
 * /events answers, each event as a JSON object and in the order in which they
 * were written down. Without `since` and `until` (zero: none) those that happen
 * from now on; it ends at `until`, or when `each` returns another value than 0,
 * which is returned. -EINVAL: `since` is later than `until`. How far back it
 * reaches is bounded by the journal's size, and by the last boot. */
struct engine_events {
    struct timespec since, until;
    int (*each)(void *arg, const json_t *event, struct err *e);
    void *arg;
};
int engine_events(struct engine *engine, const struct engine_events *query,
                  struct err *e);

/* docker rm. Running and not ENGINE_FORCE: -EBUSY. Unknown: -ENOENT. One whose
 * document cannot be read is removed like others. */
enum {
    ENGINE_FORCE = 1,
    ENGINE_VOLUMES = 2, /* with the volumes that nobody named */
};
int engine_remove(struct engine *engine, const char *name, int flags,
                  struct err *e);

/* What a container has changed: an array as GET /containers/NAME/changes
 * answers, in the order of their paths. Caller json_decref()s. */
int engine_diff(struct engine *engine, const char *name, json_t **ret,
                struct err *e);
/* All its files as one archive, without what is mounted in it; it may run. */
int engine_export(struct engine *engine, const char *name,
                  const struct pack_options *out, struct err *e);
/* docker commit: an image of what it is now. */
struct engine_commit {
    const char *container, *name; /* name NULL: none for the image */
    const char *author, *message;
    const json_t *config; /* what it does not say is the container's; NULL */
    struct strv *changes; /* Dockerfile instructions: apply.h; NULL: none */
    bool pause;           /* it stands still while its layer is read */
    /* What could not be taken along; may be NULL. */
    void (*notice)(void *arg, const char *line);
    void *notice_arg;
};
int engine_commit(struct engine *engine, const struct engine_commit *request,
                  char ret_id[72], struct err *e);

/* docker build: an image from a Dockerfile. `query` has the parameters of POST
 * /build: t (an array), dockerfile, buildargs, labels, target, nocache, pull,
 * networkmode, extrahosts, squash, platform, memory, cpusetcpus ...; and
 * "secrets", an object of ids and paths. The context is a directory, or an
 * archive that is read once, or at a URL; without any there are no files. On an
 * error nothing is left but the steps that went well, in the build cache. */
struct engine_build {
    const json_t *query;
    const char *context;          /* a directory; NULL: none */
    struct layer_source *archive; /* NULL: none */
    const char *remote; /* a URL: of an archive, a Dockerfile, or for git */
    const char *place;  /* names the context for the cache; NULL */
    const struct text *dockerfile; /* its text; NULL: it is in the context */
    const char *dockerfile_name;   /* for messages, and in the context */
    /* Of a .dockerignore beside it; NULL: that of the context counts. */
    const struct text *dockerignore;
    const json_t *accounts; /* engine_registry.h; NULL: those of `login` */
    bool explain;
    void (*tell)(void *arg, const struct engine_build_event *event);
    void *arg;
    bool at_once; /* tell of stages that go on together as it happens; else of
                     one after the other */
    char id[72];  /* result: the image */
    int code;     /* result: of a RUN that failed; else 0 */
    struct text excerpt; /* result: where in the Dockerfile it failed */
};
int engine_build(struct engine *engine, struct engine_build *order,
                 struct err *e);

/* A container's files from outside, with what is mounted if it runs; below the
 * root, descriptors come from files_open_in (files.h) alone. Makes a child:
 * flush stdio before. -EROFS, in Docker's words. Only a look is no event. */
enum engine_use { ENGINE_LOOKS, ENGINE_READS, ENGINE_WRITES };
struct engine_files;
int engine_files_open(struct engine *engine, const char *name,
                      enum engine_use use, struct engine_files **ret,
                      struct err *e);
void engine_files_close(struct engine_files *files);
int engine_files_root(const struct engine_files *files); /* borrowed */

/* Finish what dead owners left: kill, unmount, remove (--rm) or mark as
 * exited. Called by the commands that look at containers. Goes on after a
 * failure, and tells the first. */
int engine_sweep(struct engine *engine, struct err *e);

/* The image store, and docker rmi: one of several names is always taken away;
 * an image that a container uses is refused (-EBUSY). `force` removes what a
 * stopped container uses, and takes the last name from what a running one
 * does. Lines to print are added to `said`. */
const struct image_store *engine_images(struct engine *engine);
int engine_remove_image(struct engine *engine, const char *name, bool force,
                        struct strv *said, struct err *e);
/* These lines as DELETE /images/NAME answers them: an array of {"Untagged":
 * NAME} and {"Deleted": ID}. */
json_t *engine_removed_list(const struct strv *said);

/* Volumes, in the shape of GET /volumes/NAME; a list of all is sorted by name.
 * With a flag each has UsageData: RefCount, and Size, which is -1 where it was
 * not asked for or cannot be known. Damaged ones are told as by
 * engine_containers. Caller json_decref()s what is returned. */
enum {
    ENGINE_VOLUME_REFS = 1,
    ENGINE_VOLUME_SIZES = 2, /* means walking through their files */
};
int engine_volumes(struct engine *engine, int flags, json_t **ret,
                   struct strv *damaged, struct err *e);
/* `request` is the body of POST /volumes/create. One that is there already is
 * returned as it is. -EINVAL, and -ENOENT: no such driver. */
int engine_volume_create(struct engine *engine, const json_t *request,
                         json_t **ret, struct err *e);
int engine_volume_inspect(struct engine *engine, const char *name, json_t **ret,
                          struct err *e);
/* -EBUSY: a container uses it; -ENOENT. */
int engine_volume_remove(struct engine *engine, const char *name,
                         struct err *e);
/* Remove all that no container uses and that are `wanted` (NULL: all). Answers
 * as POST /volumes/prune. Caller json_decref()s, here and below. */
struct engine_prune {
    bool (*wanted)(const json_t *item, void *arg);
    void *arg;
    uint64_t keep; /* builds: so many bytes of what was used last */
};
int engine_volumes_prune(struct engine *engine,
                         const struct engine_prune *prune, json_t **ret,
                         struct err *e);
/* What builds remember, as GET /system/df answers it: an array of {ID, Type,
 * Description, InUse, Shared, Size, CreatedAt, LastUsedAt, UsageCount}. Shared:
 * its layer is an image's, too. Type "exec.cachemount": of RUN --mount. */
int engine_build_cache(struct engine *engine, json_t **ret, struct err *e);
/* Forget what is `wanted` and not in use: CachesDeleted, SpaceReclaimed. */
int engine_build_prune(struct engine *engine, const struct engine_prune *prune,
                       json_t **ret, struct err *e);
/* Has nobody given this volume a name? */
bool engine_volume_is_anonymous(const json_t *volume);

/* Networks, in the shape of GET /networks/NAME, sorted by name: with those that
 * run in them in Containers. Damaged ones are told as by engine_containers. */
int engine_networks(struct engine *engine, json_t **ret, struct strv *damaged,
                    struct err *e);
/* Is this the name of one that is always there: bridge (which "default" means),
 * host, none? */
bool engine_network_is_predefined(const char *name);
/* `request` is the body of POST /networks/create; {"Id", "Warning"}. -EEXIST:
 * the name is taken; -EINVAL, -EPERM, -ENOENT: no such driver; -ENOSPC: no
 * address is free. */
int engine_network_create(struct engine *engine, const json_t *request,
                          json_t **ret, struct err *e);
/* By name, id, or unique beginning of an id. -ENOENT. */
int engine_network_inspect(struct engine *engine, const char *name,
                           json_t **ret, struct err *e);
/* -EBUSY: a container is in it; -EPERM: it is one of Docker's own three. */
int engine_network_remove(struct engine *engine, const char *name,
                          struct err *e);
/* Those that nobody is in: NetworksDeleted. */
int engine_networks_prune(struct engine *engine,
                          const struct engine_prune *prune, json_t **ret,
                          struct err *e);
/* Plug a container, running or not, into a network; `config` is an
 * EndpointConfig, or NULL. And out of it; `force` is Docker's, and changes the
 * words about a network, or a container, that is not there. */
int engine_network_connect(struct engine *engine, const char *network,
                           const char *container, const json_t *config,
                           struct err *e);
int engine_network_disconnect(struct engine *engine, const char *network,
                              const char *container, bool force, struct err *e);
/* The name, borrowed, of the network by which a container (its document)
 * leaves, and by which its published ports are reached; NULL: none. */
const char *engine_way_out(const json_t *container);
/* The same for images, shown to `wanted` as {Id, RepoTags, Created, Labels}:
 * ImagesDeleted, an array of {Untagged} and {Deleted}, and SpaceReclaimed. What
 * a container was made from stays, with all its names. */
int engine_images_prune(struct engine *engine, const struct engine_prune *prune,
                        json_t **ret, struct err *e);
/* And for containers that do not run, shown in the shape of engine_containers:
 * ContainersDeleted, SpaceReclaimed. Their volumes stay. */
int engine_containers_prune(struct engine *engine,
                            const struct engine_prune *prune, json_t **ret,
                            struct err *e);

/* What this machine can do for whoever runs us, with the state root chosen as
 * by engine_open, which need not be there: an array of objects with the strings
 * name, status ("ok", "warn", "fail"), detail, remedy ("" if there is none to
 * name) and why. Nothing fails; with a "fail" no container would start. Changes
 * nothing; makes children, so flush stdio before. Caller json_decref()s. */
json_t *engine_doctor(const char *root);

/* GET /info and GET /version. Caller json_decref()s. */
int engine_info(struct engine *engine, json_t **ret, struct err *e);
int engine_version(struct engine *engine, json_t **ret, struct err *e);

#endif
