/* What is forbidden here, and by whom; and which ids a user may have. */
#include "doctor.h"

#include "files.h"
#include "idmap.h"
#include "rootless.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static void look_at_seccomp(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    (void)which;
    if (doctor->facts.has_seccomp)
        doctor_say(f, DOCTOR_OK, NULL, "filters%s",
                   doctor->facts.is_filtered ? ", one is upon us already" : "");
    else
        doctor_say(f, DOCTOR_FAIL,
                   "boot a kernel with CONFIG_SECCOMP_FILTER, or run with "
                   "--security-opt seccomp=unconfined",
                   "no filters");
}

static void look_at_apparmor(const struct doctor *doctor, int which,
                             struct doctor_finding *f)
{
    (void)which;
    doctor_say(f, DOCTOR_OK, NULL, "%s",
               doctor->facts.has_apparmor ? "enabled" : "not enabled");
}

static void look_at_selinux(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    (void)which;
    doctor_say(f, DOCTOR_OK, NULL, "%s",
               !doctor->facts.has_selinux       ? "not enabled"
               : doctor->facts.selinux_enforces ? "enforcing"
                                                : "permissive");
}

static void look_at_users(const struct doctor *doctor, int which,
                          struct doctor_finding *f)
{
    (void)which;
    struct err e = {0};
    int r = rootless_check_users(&e);
    if (r == 0) {
        doctor_say(f, DOCTOR_OK, NULL, "ordinary users may make them");
        return;
    }
    struct rootless_reason reason = rootless_explain(-r);
    doctor_say(f, doctor->facts.user == 0 ? DOCTOR_WARN : DOCTOR_FAIL,
               reason.remedy, "%s", reason.cause);
}

static uint64_t count_ids(const struct idmap *map)
{
    uint64_t n = 0;
    for (size_t i = 1; i < map->n; i++) /* the first is one's own */
        n += map->v[i].count;
    return n;
}

static void look_at_ids(const struct doctor *doctor, int which,
                        struct doctor_finding *f)
{
    (void)which;
    struct idmap uids = {0}, gids = {0};
    struct err e = {0};
    if (doctor->facts.user == 0) {
        doctor_say(f, DOCTOR_OK, NULL, "root needs no grant");
        return;
    }
    if (rootless_find_maps(&uids, &gids, &e) < 0) {
        doctor_say(f, DOCTOR_WARN, "as root, mend that file", "%s", e.msg);
        return;
    }
    bool single = uids.n < 2 || gids.n < 2;
    if (!single)
        doctor_say(f, DOCTOR_OK, NULL,
                   "%" PRIu64 " user and %" PRIu64 " group ids are granted",
                   count_ids(&uids), count_ids(&gids));
    else
        doctor_say(f, DOCTOR_WARN, NULL, "none are granted in /etc/sub%cid",
                   uids.n < 2 ? 'u' : 'g');
    if (single)
        text_addf(&f->remedy,
                  "as root, usermod --add-subuids 100000-165535 --add-subgids "
                  "100000-165535 $(id -un %d)",
                  (int)doctor->facts.user);
}

/* no_new_privs takes the set-uid bit its meaning. */
static bool cannot_gain(void)
{
    auto_text struct text status = {0};
    return files_read(AT_FDCWD, "/proc/self/status", &status, NULL) > 0 &&
           strstr(status.s, "\nNoNewPrivs:\t1") != NULL;
}

static void look_at_helpers(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    (void)which;
    struct err e = {0};
    int r = idmap_check_helpers(&e);
    if (doctor->facts.user != 0 && r == 0 && cannot_gain())
        doctor_say(f, DOCTOR_WARN,
                   "start from a shell that no_new_privs was not set for",
                   "installed, but no_new_privs keeps them from working");
    else if (r == 0)
        doctor_say(f, DOCTOR_OK, NULL, "installed, with root's power");
    else
        doctor_say(f, DOCTOR_WARN,
                   r == -ENOENT   ? "as root, apt-get install uidmap "
                                    "(elsewhere: shadow-utils)"
                   : r == -EACCES ? "as root, mount -o remount,suid $(findmnt "
                                    "-n -o TARGET -T /usr/bin)"
                                  : "as root, chmod u+s /usr/bin/newuidmap "
                                    "/usr/bin/newgidmap",
                   "%s", e.msg);
}

/* clang-format off */
const struct doctor_check doctor_rights[] = {
    {"seccomp", "dangerous system calls are kept from containers",
     look_at_seccomp, 0},
    {"AppArmor", "it may forbid what containers need", look_at_apparmor, 0},
    {"SELinux", "it may forbid what containers need", look_at_selinux, 0},
    {0},
};

const struct doctor_check doctor_rootless[] = {
    {"unprivileged users", "containers without root", look_at_users, 0},
    {"subordinate ids", "without root: images with files of many owners",
     look_at_ids, 0},
    {"newuidmap", "without root: what maps the subordinate ids",
     look_at_helpers, 0},
    {0},
};
/* clang-format on */
