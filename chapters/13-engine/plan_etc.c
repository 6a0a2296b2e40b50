/* /etc/hosts, /etc/hostname and /etc/resolv.conf belong to the container and
 * not to the image: files of ours, bound over. */
#include "plan.h"

#include "field.h"
#include "files.h"
#include "hosts.h"
#include "own.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int mount_file(struct plan *plan, const char *dir, const char *name,
                      struct err *e)
{
    auto_free char *source = text_format("%s/%s", dir, name);
    auto_free char *target = text_format("/etc/%s", name);
    bool readonly = field_bool(plan->doc, "HostConfig.ReadonlyRootfs");
    return mnt_list_add(&plan->spec->mounts, source, target, "bind",
                        readonly ? "bind,rprivate,ro" : "bind,rprivate", e);
}

static int write_file(struct plan *plan, const char *name, const char *content,
                      struct err *e)
{
    auto_free char *path = text_format("%s/%s", plan->dir, name);
    int r = files_replace(AT_FDCWD, path, content, strlen(content), 0, e);
    if (r == 0 && chmod(path, 0644) < 0)
        r = err_sys(e, errno, "chmod %s", path);
    return r;
}

/* The host's own where it is on the host's network. */
static int write_hosts(struct plan *plan, struct err *e)
{
    auto_text struct text given = {0};
    bool own_network = (plan->spec->new_namespaces & NS_BIT(NS_NET)) != 0;
    auto_strv struct strv extra = {0};
    field_strings(plan->doc, "HostConfig.ExtraHosts", &extra);
    struct hosts hosts = {.hostname = "", .extra = &extra};
    if (!own_network && files_read(AT_FDCWD, "/etc/hosts", &given, NULL) >= 0)
        hosts.base = given.s != NULL ? given.s : "";
    auto_free char *text = hosts_text(&hosts);
    return write_file(plan, "hosts", text, e);
}

static int write_resolv(struct plan *plan, struct err *e)
{
    auto_text struct text resolv = {0};
    text_add(&resolv, "");
    int r = files_read(AT_FDCWD, "/etc/resolv.conf", &resolv, e);
    return r < 0 && r != -ENOENT ? r
                                 : write_file(plan, "resolv.conf", resolv.s, e);
}

static int write_hostname(struct plan *plan, struct err *e)
{
    const char *hostname = field_string(plan->doc, "Config.Hostname");
    auto_free char *line = text_format("%s\n", hostname);
    return write_file(plan, "hostname", line, e);
}

/* Who shares another container's network shares what is said of it. */
static int join_files(struct plan *plan, const char *id, struct err *e)
{
    static const char *const names[] = {"hostname", "hosts", "resolv.conf"};
    auto_free char *dir = run_etc_dir(plan->engine, id);
    int r = 0;
    for (size_t i = 0; i < 3 && r == 0; i++)
        r = mount_file(plan, dir, names[i], e);
    return r;
}

int plan_etc(struct plan *plan, struct err *e)
{
    static const struct {
        const char *name;
        int (*write)(struct plan *plan, struct err *e);
    } files[] = {
        {"hostname",    write_hostname},
        {"hosts",       write_hosts   },
        {"resolv.conf", write_resolv  },
    };
    if (plan->network_of[0] != '\0')
        return join_files(plan, plan->network_of, e);
    int r = 0;
    for (size_t i = 0; i < 3 && r == 0; i++) {
        /* Of one that is in networks, wiring.h writes the others. */
        if (i == 0 || !plan->is_wired)
            r = files[i].write(plan, e);
        if (r == 0)
            r = mount_file(plan, plan->dir, files[i].name, e);
    }
    return r;
}
