/*
 * command.h - the commands of mini-docker, one row each.
 *
 * A command is a name, a table of options, how many operands it takes, and a
 * function. main finds it, reads its options into a document, counts its
 * operands and calls it; help, manual page and completion walk the same rows.
 *
 *     const struct command command_rm = {
 *         .name = "rm",
 *         .aliases = {"container rm", "container remove"},
 *         .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
 *         .summary = "Remove one or more containers",
 *         .options = options,
 *         .min_operands = 1, .max_operands = COMMAND_ANY,
 *         .run = run,
 *     };
 *
 * Commands print their results; of what went wrong they tell main, which
 * prints it. Docker has a name for most commands among the commands, and one
 * below the kind of thing that they are about: the aliases. Those of volumes
 * have the second alone, two words: "volume create".
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "doc.h"
#include "engine.h"
#include "err.h"
#include "option.h"
#include "text.h"

#define COMMAND_ANY 1000000

/* One command line, read. */
struct call {
    const struct command *command;
    const char *group;    /* "image" of "image rm", or NULL */
    const char *root;     /* --root, or NULL */
    json_t *doc;          /* what the options said */
    struct strv operands; /* what is no option */
    struct strv failures; /* what failed of several things; main prints it */
    struct strv failed;   /* these: operands */
};

struct command {
    const char *name;       /* "rm", or "volume rm" */
    const char *aliases[5]; /* "container rm" ... */
    const char *synopsis;   /* after the name */
    const char *summary;
    const struct option *options;
    size_t min_operands, max_operands;
    bool stop_at_operand; /* operands are another program's command line */
    int failure;          /* exit status where an error has no other; 0: 1 */
    /* What can be refused before anything is done; may be NULL. 0 or -errno. */
    int (*check)(struct call *call, struct err *e);
    /* The exit status, or -errno. */
    int (*run)(struct call *call, struct err *e);
};

extern const struct command command_doctor, command_help, command_images,
    command_import, command_info, command_ps, command_rm, command_rmi,
    command_run, command_version, command_attach, command_create, command_kill,
    command_pause, command_rename, command_restart, command_start, command_stop,
    command_unpause, command_update, command_wait, command_exec, command_logs,
    command_history, command_inspect, command_load, command_save, command_tag,
    command_diff, command_export, command_commit, command_cp,
    command_network_connect, command_network_create, command_network_disconnect,
    command_network_ls, command_network_map, command_network_prune,
    command_network_rm, command_network_trace, command_volume_create,
    command_volume_ls, command_volume_prune, command_volume_rm,
    command_volume_update, command_explore, command_container_prune,
    command_image_prune, command_system_df, command_system_prune, command_top,
    command_port, command_stats, command_events, command_build,
    command_builder_prune, command_daemon, command_pull, command_push,
    command_login, command_logout, command_search;

/* All commands, in the order help shows them; ends with NULL. */
const struct command *const *command_table(void);
/* The options that stand before the command. */
const struct option *command_options(void);

/* The command that argv[0] (and argv[1]) name. The number of words that were
 * its name, or 0: there is none. */
int command_find(char *const argv[], const struct command **ret);
/* True for a command of Docker's that is not built yet. */
bool command_is_not_yet(const char *name);

/* "container", "image" ...: kinds of things, with commands of two words. */
struct command_group {
    const char *name, *summary;
};
/* All groups; the last one's name is NULL. */
const struct command_group *command_groups(void);
/* The group of that name, or NULL. */
const struct command_group *command_find_group(const char *name);
/* "create" of "volume create", the first name where it has several there;
 * NULL: it does not stand below that group. With group NULL, the name of one
 * word. */
const char *command_name_below(const struct command *command,
                               const char *group);

/* Open the engine and do `act` to every operand, going on after a failure,
 * which is added to call->failures. With Force, what is not there is told and
 * is no failure. The exit status: 0, or 1 where one failed; -errno: no engine.
 */
typedef int command_act(struct engine *engine, const struct call *call,
                        const char *operand, struct err *e);
int command_each(struct call *call, command_act *act, struct err *e);
/* The same at the same time, each in a process of its own, for what takes long:
 * a stop may wait ten seconds. `act` prints nothing; an operand is printed when
 * it and all before it are done, if with success. */
int command_each_at_once(struct call *call, command_act *act, struct err *e);

/* A layer_source.read of the descriptor that `arg` points to. */
ssize_t command_read_fd(void *arg, void *bytes, size_t len);

/* One line on standard error, after what was printed so far. */
void command_complain(const char *message);
/* That --format is no template: the exit status, which Docker has for the
 * commands that tell of one thing. */
int command_refuse_format(const struct err *e);
/* The same for a line that is whole. */
void command_warn(const char *line);
void command_complain_all(const struct strv *messages);

/* Ask on standard output, and read the answer from standard input: only a "y"
 * is a yes. */
bool command_confirm(const char *warning);

/* The Labels of a document as lists show them: "a=1,b=2". The caller frees. */
char *command_join_labels(const json_t *item);

/* An engine that closes itself. */
#define auto_engine __attribute__((cleanup(command_close_engine)))
void command_close_engine(struct engine **engine);

#endif
