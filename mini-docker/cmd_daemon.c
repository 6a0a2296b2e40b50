/* mini-docker daemon: the Docker Engine API on a socket. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "server.h"

/* clang-format off */
static const struct option options[] = {
    {"group", 'G', &option_string, "Group",
     "Group for the unix socket (default \"docker\")"},
    {"host", 'H', &option_list, "Hosts",
     "Daemon socket(s) to listen at: unix://PATH, tcp://IP:PORT or fd:// (default "
     "unix:///run/mini-docker.sock)"},
    {"pidfile", 'p', &option_string, "Pidfile",
     "Path to use for daemon PID file"},
    {"tlscacert", 0, &option_string, "TlsCaCert",
     "Trust certs signed only by this CA (tcp:// asks for all three)"},
    {"tlscert", 0, &option_string, "TlsCert", "Path to TLS certificate file"},
    {"tlskey", 0, &option_string, "TlsKey", "Path to TLS key file"},
    {"tlsverify", 0, &option_bool, "TlsVerify",
     "Use TLS and verify the remote (always so at tcp://)"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_strv struct strv hosts = {0};
    field_strings(call->doc, "Hosts", &hosts);
    const char *group = field_string(call->doc, "Group");
    const struct server_options server = {
        .root = call->root,
        .hosts = &hosts,
        .group = group != NULL ? group : "docker",
        .pidfile = field_string(call->doc, "Pidfile"),
        .tls = {field_string(call->doc, "TlsCaCert"),
                field_string(call->doc, "TlsCert"),
                field_string(call->doc, "TlsKey")},
    };
    return server_run(&server, e);
}

const struct command command_daemon = {
    .name = "daemon",
    .synopsis = "[OPTIONS]",
    .summary = "Serve the Docker Engine API",
    .options = options,
    .run = run,
};
