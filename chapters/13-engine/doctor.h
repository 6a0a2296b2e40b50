/*
 * doctor.h - what this machine can do, one check after the other.
 *
 * A check is a row: a name, why it matters, and a function that looks and says
 * what it found. Looking leaves nothing behind: what has to be tried out is
 * tried in a child with namespaces of its own (trial.h).
 *
 *     static void look_at_it(const struct doctor *doctor, int which,
 *                            struct doctor_finding *f)
 *     {
 *         doctor_say(f, DOCTOR_WARN, "as root, mount it", "not mounted");
 *     }
 *     const struct doctor_check doctor_things[] = {
 *         {"thing", "containers want one", look_at_it, 0},
 *         {0},
 *     };
 *
 * What keeps containers from running fails; what only keeps a wish from being
 * granted warns. Both name the command that mends it. Only 13-engine includes
 * this; its callers are engine_doctor and, for one table, engine_info.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "facts.h"
#include "text.h"

enum doctor_status { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_finding {
    enum doctor_status status;
    struct text detail, remedy;
};

/* What the checks share. */
struct doctor {
    struct facts facts;
    char *root, *run; /* see place.h */
};

struct doctor_check {
    const char *name, *why;
    void (*look)(const struct doctor *doctor, int which,
                 struct doctor_finding *f);
    int which; /* for `look`: of several alike, this one */
};

/* The tables, in the order in which they are shown; each ends with {0}. */
extern const struct doctor_check doctor_kernel[], doctor_namespaces[],
    doctor_groups[], doctor_rights[], doctor_rootless[], doctor_places[],
    doctor_network[], doctor_tools[];

/* Say what was found, and what would help; NULL: nothing to be done. Once. */
void doctor_say(struct doctor_finding *f, enum doctor_status status,
                const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Add what is not ok in a table that needs only the facts to the warnings of
 * `info`, as docker info words them. */
void doctor_warn(const struct facts *facts, const struct doctor_check *checks,
                 json_t *warnings);

/* Is there a program of that name, in PATH or where the system's lie? */
bool doctor_has(const char *program);

/* What helps where a call is missing: another kernel, or another filter. */
void doctor_blame_kernel(const struct doctor *doctor, const char *since,
                         struct doctor_finding *f);

#endif
