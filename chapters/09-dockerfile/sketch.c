/*
 * A Dockerfile interpreter, with nothing of ours: FROM takes a directory with a
 * root file system, RUN runs in it, and what was written is the layer.
 *
 *     sudo sketch <Dockerfile
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char cwd[4096] = "/", command[4096], path[8192];

static void must(int good, const char *what)
{
    if (!good)
        perror(what), exit(1);
}

static void from(char *dir)
{
    snprintf(path, sizeof path,
             "lowerdir=%s,upperdir=/mnt/up,workdir=/mnt/work", dir);
    must(mount("overlay", "/mnt/root", "overlay", 0, path) == 0, dir);
}

static void run(char *line)
{
    int status = 0;
    if (fork() == 0) {
        must(chroot("/mnt/root") == 0 && chdir(cwd) == 0, cwd);
        execl("/bin/sh", "sh", "-c", line, NULL);
        _exit(127);
    }
    must(wait(&status) > 0 && status == 0, line);
}

static void copy(char *line)
{
    char *name = strsep(&line, " ");
    struct stat st;
    snprintf(path, sizeof path, "/mnt/root/%s", line);
    int in = open(name, O_RDONLY | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    must(fstat(in, &st) == 0 &&
             sendfile(out, in, NULL, (size_t)st.st_size) >= 0,
         name);
}

static void env(char *line)
{
    char *name = strsep(&line, "= ");
    setenv(name, line != NULL ? line : "", 1);
}

static void workdir(char *line)
{
    snprintf(cwd, sizeof cwd, "%s", line);
    snprintf(path, sizeof path, "/mnt/root/%s", line);
    mkdir(path, 0755);
}

static void cmd(char *line)
{
    snprintf(command, sizeof command, "%s", line);
}

int main(void)
{
    static const char *const names[] = {"FROM", "RUN",     "COPY",
                                        "ENV",  "WORKDIR", "CMD"};
    static void (*const perform[])(char *) = {from, run,     copy,
                                              env,  workdir, cmd};
    char line[4096], *rest;
    must(unshare(CLONE_NEWNS) == 0, "unshare (are you root?)");
    must(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0, "/");
    must(mount("scratch", "/mnt", "tmpfs", 0, "mode=755") == 0, "/mnt");
    mkdir("/mnt/up", 0755), mkdir("/mnt/work", 0755), mkdir("/mnt/root", 0755);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(rest = line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        printf("---> %s\n", line);
        const char *name = strsep(&rest, " ");
        for (int i = 0; i < 6; i++)
            if (strcmp(names[i], name) == 0 && rest != NULL)
                perform[i](rest);
    }
    must(system("find /mnt/up -mindepth 1") == 0, "find");
    run(command);
    return 0;
}
