/* The table of commands: the first half of command.h. */
#include "command.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* clang-format off */
static const struct command *const table[] = {
    &command_run,
    &command_create,
    &command_start,
    &command_stop,
    &command_restart,
    &command_kill,
    &command_pause,
    &command_unpause,
    &command_wait,
    &command_attach,
    &command_exec,
    &command_logs,
    &command_top,
    &command_stats,
    &command_port,
    &command_rename,
    &command_update,
    &command_ps,
    &command_rm,
    &command_inspect,
    &command_images,
    &command_rmi,
    &command_tag,
    &command_pull,
    &command_push,
    &command_login,
    &command_logout,
    &command_search,
    &command_history,
    &command_explore,
    &command_import,
    &command_save,
    &command_load,
    &command_build,
    &command_commit,
    &command_diff,
    &command_export,
    &command_cp,
    &command_version,
    &command_info,
    &command_daemon,
    &command_doctor,
    &command_events,
    &command_help,
    &command_network_connect,
    &command_network_create,
    &command_network_disconnect,
    &command_network_ls,
    &command_network_map,
    &command_network_prune,
    &command_network_rm,
    &command_network_trace,
    &command_volume_create,
    &command_volume_ls,
    &command_volume_prune,
    &command_volume_rm,
    &command_volume_update,
    &command_builder_prune,
    &command_container_prune,
    &command_image_prune,
    &command_system_df,
    &command_system_prune,
    NULL,
};
/* clang-format on */

/* clang-format off */
static const struct command_group groups[] = {
    {"builder", "Manage builds"},
    {"container", "Manage containers"},
    {"image", "Manage images"},
    {"network", "Manage networks"},
    {"system", "Manage mini-docker"},
    {"volume", "Manage volumes"},
    {0},
};
/* clang-format on */

/* clang-format off */
static const struct option options[] = {
    {"config", 0, &option_string, OPTION_NOT_YET,
     "Location of client configuration files"},
    {"debug", 'D', &option_bool, OPTION_NOT_YET,
     "Enable debug mode (see MINI_DOCKER_TRACE)"},
    {"host", 'H', &option_list, OPTION_NOT_YET, "Daemon to connect to"},
    {"root", 0, &option_string, "Root",
     "Where images and containers are kept (default: $MINI_DOCKER_ROOT, else "
     "/var/lib/mini-docker; without root ~/.local/share/mini-docker)"},
    {"version", 'v', &option_bool, "Version",
     "Print version information and quit"},
    {0},
};
/* clang-format on */

/* What Docker has and we do not have yet: said as such, because "unknown"
 * would send the reader looking for a typing error. */
static const char *const not_yet[] = {
    "buildx", "checkpoint", "compose", "config", "context", "manifest", "node",
    "plugin", "secret",     "service", "stack",  "swarm",   "trust",
};

const struct command *const *command_table(void)
{
    return table;
}

const struct option *command_options(void)
{
    return options;
}

/* "create" of "volume create", or NULL: that is not below the group. */
static const char *word_below(const char *name, const char *group)
{
    size_t len = strlen(group);
    bool below = strncmp(name, group, len) == 0 && name[len] == ' ';
    return below ? name + len + 1 : NULL;
}

/* Does `alias` ("container ls") consist of these two words? */
static bool is_alias(const char *alias, const char *group, const char *name)
{
    const char *word = word_below(alias, group);
    return word != NULL && name != NULL && strcmp(word, name) == 0;
}

int command_find(char *const argv[], const struct command **ret)
{
    for (size_t i = 0; table[i] != NULL; i++) {
        *ret = table[i];
        if (strcmp(table[i]->name, argv[0]) == 0)
            return 1;
        if (is_alias(table[i]->name, argv[0], argv[1]))
            return 2;
        for (const char *const *alias = table[i]->aliases; *alias; alias++)
            if (is_alias(*alias, argv[0], argv[1]))
                return 2;
    }
    *ret = NULL;
    return 0;
}

bool command_is_not_yet(const char *name)
{
    for (size_t i = 0; i < sizeof not_yet / sizeof not_yet[0]; i++)
        if (strcmp(not_yet[i], name) == 0)
            return true;
    return false;
}

const struct command_group *command_groups(void)
{
    return groups;
}

const struct command_group *command_find_group(const char *name)
{
    for (const struct command_group *group = groups; group->name; group++)
        if (strcmp(group->name, name) == 0)
            return group;
    return NULL;
}

const char *command_name_below(const struct command *command, const char *group)
{
    if (group == NULL)
        return strchr(command->name, ' ') == NULL ? command->name : NULL;
    const char *word = word_below(command->name, group);
    for (const char *const *alias = command->aliases; *alias && !word; alias++)
        word = word_below(*alias, group);
    return word;
}

void command_close_engine(struct engine **engine)
{
    engine_close(*engine);
}

ssize_t command_read_fd(void *arg, void *bytes, size_t len)
{
    const int *fd = arg;
    ssize_t n;
    do
        n = read(*fd, bytes, len);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

void command_complain(const char *message)
{
    fflush(stdout); /* results that came before it are seen before it */
    fprintf(stderr, "mini-docker: %s\n", message);
}

int command_refuse_format(const struct err *e)
{
    command_complain(e->msg);
    return 64; /* EX_USAGE of sysexits(3) */
}

void command_warn(const char *line)
{
    fflush(stdout);
    fprintf(stderr, "%s\n", line);
}

void command_complain_all(const struct strv *messages)
{
    for (size_t i = 0; i < messages->n; i++)
        command_complain(messages->v[i]);
}

bool command_confirm(const char *warning)
{
    char answer[16] = "";
    printf("%s\nAre you sure you want to continue? [y/N] ", warning);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    return strcasecmp(answer, "y") == 0;
}

char *command_join_labels(const json_t *item)
{
    struct text labels = {0};
    const char *key;
    json_t *value;
    json_t *all = json_object_get(item, "Labels");
    json_object_foreach(all, key, value)
        text_addf(&labels, "%s%s=%s", labels.len > 0 ? "," : "", key,
                  json_string_value(value));
    return text_take(&labels);
}
