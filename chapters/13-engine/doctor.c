/* All checks in a row. See doctor.h, and engine_doctor in engine.h. */
#include "doctor.h"

#include "engine.h"
#include "field.h"
#include "own.h"
#include "place.h"

#include <stdarg.h>
#include <stdio.h>

static const struct doctor_check *const tables[] = {
    doctor_kernel,   doctor_namespaces, doctor_groups,  doctor_rights,
    doctor_rootless, doctor_places,     doctor_network, doctor_tools,
};

void doctor_say(struct doctor_finding *f, enum doctor_status status,
                const char *remedy, const char *format, ...)
{
    va_list args;
    char line[512];
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    f->status = status;
    text_add(&f->detail, line);
    text_add(&f->remedy, remedy == NULL ? "" : remedy);
}

void doctor_blame_kernel(const struct doctor *doctor, const char *since,
                         struct doctor_finding *f)
{
    if (doctor->facts.is_filtered)
        text_add(&f->remedy, "if this is a container, start it with "
                             "--security-opt seccomp=unconfined");
    else
        text_addf(&f->remedy,
                  "boot Linux %s or newer; on Debian: apt-get install "
                  "linux-image-$(dpkg --print-architecture)",
                  since);
}

/* Paths may hold any bytes, JSON only UTF-8; no finding may be lost for that.
 */
static json_t *to_json(char *s)
{
    json_t *string = json_string(s);
    for (char *c = s; string == NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return string != NULL ? string : json_string(s);
}

static json_t *examine(const struct doctor *doctor,
                       const struct doctor_check *check)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    struct doctor_finding f = {0};
    check->look(doctor, check->which, &f);
    auto_free char *detail = text_take(&f.detail);
    auto_free char *remedy = text_take(&f.remedy);
    return json_pack("{s:s, s:s, s:o, s:o, s:s}", "name", check->name, "status",
                     words[f.status], "detail", to_json(detail), "remedy",
                     to_json(remedy), "why", check->why);
}

void doctor_warn(const struct facts *facts, const struct doctor_check *checks,
                 json_t *warnings)
{
    const struct doctor doctor = {.facts = *facts};
    for (const struct doctor_check *c = checks; c->name != NULL; c++) {
        json_t *finding = examine(&doctor, c);
        if (!field_is(finding, "status", "ok"))
            json_array_append_new(
                warnings, json_sprintf("WARNING: %s: %s; to mend it: %s",
                                       c->name, field_string(finding, "detail"),
                                       field_string(finding, "remedy")));
        json_decref(finding);
    }
}

json_t *engine_doctor(const char *root)
{
    struct doctor doctor = {.root = place_root(root)};
    doctor.run = place_run(doctor.root);
    facts_gather(&doctor.facts);
    json_t *findings = json_array();
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct doctor_check *c = tables[t]; c->name != NULL; c++)
            json_array_append_new(findings, examine(&doctor, c));
    own_free(&doctor.root);
    own_free(&doctor.run);
    return findings;
}
