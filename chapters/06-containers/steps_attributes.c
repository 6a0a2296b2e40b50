/* Steps of chapter 05: how the kernel treats the process, beyond its powers. */
#include "steps.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched/types.h>
#include <unistd.h>

bool ctr_has_scheduler(const struct ctr *ctr)
{
    return ctr->spec->process.has_scheduler;
}

int ctr_in_scheduler(struct ctr *ctr, struct err *e)
{
    const struct spec_scheduler *wish = &ctr->spec->process.scheduler;
    const struct sched_attr attr = {
        .size = sizeof attr,
        .sched_policy = wish->policy,
        .sched_flags = wish->flags,
        .sched_nice = wish->nice,
        .sched_priority = wish->priority,
        .sched_runtime = wish->runtime,
        .sched_deadline = wish->deadline,
        .sched_period = wish->period,
    };
    int r = sys_sched_setattr(0, &attr, 0);
    return r < 0 ? err_sys(e, r, "scheduling policy %u", wish->policy) : 0;
}

static int bind_to(const struct spec_cpus *cpus, struct err *e)
{
    int r = sys_sched_setaffinity(0, sizeof cpus->mask, cpus->mask);
    return r < 0 ? err_sys(e, r, "sched_setaffinity") : 0;
}

bool ctr_has_first_cpus(const struct ctr *ctr)
{
    return ctr->spec->process.first_cpus.set;
}

/* The child inherits it, wherever it is born. */
int ctr_out_first_cpus(struct ctr *ctr, struct err *e)
{
    int r = bind_to(&ctr->spec->process.first_cpus, e);
    return r < 0 ? err_add(e, "first processors") : 0;
}

bool ctr_has_cpus(const struct ctr *ctr)
{
    return ctr->spec->process.cpus.set;
}

int ctr_in_cpus(struct ctr *ctr, struct err *e)
{
    return bind_to(&ctr->spec->process.cpus, e);
}

bool ctr_has_io_priority(const struct ctr *ctr)
{
    return ctr->spec->process.has_io_priority;
}

int ctr_in_io_priority(struct ctr *ctr, struct err *e)
{
    int value = ctr->spec->process.io_priority;
    int r = sys_ioprio_set(IOPRIO_WHO_PROCESS, 0, value);
    return r < 0 ? err_sys(e, r, "class %d, level %d",
                           IOPRIO_PRIO_CLASS((unsigned int)value),
                           (int)IOPRIO_PRIO_DATA(value))
                 : 0;
}

bool ctr_has_personality(const struct ctr *ctr)
{
    return ctr->spec->process.has_personality;
}

int ctr_in_personality(struct ctr *ctr, struct err *e)
{
    unsigned long persona = ctr->spec->process.personality;
    int r = sys_personality(persona);
    return r < 0 ? err_sys(e, r, "personality %#lx", persona) : 0;
}

bool ctr_has_label(const struct ctr *ctr)
{
    const struct spec_process *process = &ctr->spec->process;
    return process->apparmor != NULL || process->selinux != NULL;
}

/* A kernel that was built with a security module need not run it. */
static bool apparmor_is_on(void)
{
    auto_text struct text answer = {0};
    return files_read(AT_FDCWD, "/sys/module/apparmor/parameters/enabled",
                      &answer, NULL) > 0 &&
           answer.s[0] == 'Y';
}

static bool selinux_is_on(void)
{
    return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

/*
 * The label for the next execve(2) is written to a file of /proc, and that must
 * be the kernel's: a /proc that the image brings would swallow it, and the
 * program would run without (CVE-2019-16884). So it is opened while we see our
 * own, and used when everything else is done.
 */
int ctr_in_label_file(struct ctr *ctr, struct err *e)
{
    const struct spec_process *process = &ctr->spec->process;
    if (process->apparmor != NULL && !apparmor_is_on())
        return err_set(e, ENOTSUP,
                       "profile \"%s\": AppArmor is not enabled on this system",
                       process->apparmor);
    if (process->selinux != NULL && !selinux_is_on())
        return err_set(e, ENOTSUP,
                       "label \"%s\": SELinux is not enabled on this system",
                       process->selinux);
    ctr->labels = sys_openat(AT_FDCWD, "/proc/self/attr",
                             O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return ctr->labels < 0 ? err_sys(e, ctr->labels, "open /proc/self/attr")
                           : 0;
}

int ctr_in_label(struct ctr *ctr, struct err *e)
{
    const struct spec_process *process = &ctr->spec->process;
    int r = 0;
    if (process->apparmor != NULL) {
        auto_free char *wish = text_format("exec %s", process->apparmor);
        r = files_write(ctr->labels, "apparmor/exec", wish, e);
        if (r == -ENOENT) /* before Linux 5.8 */
            r = files_write(ctr->labels, "exec", wish, e);
        if (r < 0)
            return err_add(e, "AppArmor profile \"%s\"", process->apparmor);
    }
    if (process->selinux != NULL)
        r = files_write(ctr->labels, "exec", process->selinux, e);
    return r < 0 ? err_add(e, "SELinux label \"%s\"", process->selinux) : 0;
}
